import { externalConformance } from "./external-conformance.ts";

externalConformance("a Postgres 18", "embedded", false);
