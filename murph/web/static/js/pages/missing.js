import { page } from "../core/page.js";

page(() => {});
