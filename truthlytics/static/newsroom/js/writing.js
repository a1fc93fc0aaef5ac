// All that a sheet has beside its words, for articles and pages alike.
import "./find.js"
import "./focus.js"
import "./keys.js"
import "./lines.js"
