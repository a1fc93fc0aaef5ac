// The page editor: only the word count.
import { watchWordCount } from "./canvas.js";

watchWordCount();
