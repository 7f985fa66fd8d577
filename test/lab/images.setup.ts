/** Before each file of lab tests: the images that engine.setup.ts has built are there. */
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { imagesPort } from "./images-port.ts";

const port = Number(process.env[imagesPort]?.split(":")[1]);
const fault = await text(connect(port, "127.0.0.1"));
if (fault !== "") throw new Error(fault);
