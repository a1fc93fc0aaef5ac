// Tell the editor that the user has logged in again, and close this pop-up.
new BroadcastChannel("newsroom-login").postMessage("done");
close();
