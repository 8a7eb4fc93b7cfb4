/** The studies, a line each. A study's name is that of its export. */

export { figure5 } from "./figure5/study.js";
export { table3 } from "./table3/study.js";
export { theorem } from "./theorem/study.js";
