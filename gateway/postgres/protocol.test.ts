import { openEngines } from "../engines.ts";
import { sqlConformance } from "./conformance.ts";

sqlConformance("the embedded Postgres", openEngines);
