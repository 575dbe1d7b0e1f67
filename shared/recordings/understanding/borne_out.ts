// Moved to where other capabilities may import it too.
export { collectWords, isBorneOut, type SaidWords, wasSaid } from "../../words/borne_out.ts";
