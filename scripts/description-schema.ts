/** Writes protocol/description.schema.json; the tests compare it with the schema that validates. */
import { writeFileSync } from "node:fs";
import { descriptionJsonSchema } from "@partner-programs/protocol/description";

const file = new URL("../protocol/description.schema.json", import.meta.url);
writeFileSync(file, `${JSON.stringify(descriptionJsonSchema(), null, 2)}\n`);
