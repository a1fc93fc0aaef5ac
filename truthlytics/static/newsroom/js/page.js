// The desk of a page: the sheet, and nothing beside it.
import { counting } from "./canvas.js"

counting()
