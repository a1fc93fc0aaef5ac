// The page of an image: its focal point, with previews of crops.
import { focalPoint } from "./focal-point.js";

const fields = ["x", "y"].map((axis) => document.getElementById(`id_focal_${axis}`));
document.querySelector("[data-focal-help]").hidden = false;
focalPoint(document.querySelector("[data-focal]"), fields, [...document.querySelectorAll(".crop")]);
