import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { z } from "zod";
import { App } from "./app/app.tsx";
import { acrossTabs, Session } from "./client/session.ts";
import { TokenStorage } from "./client/session-tokens.ts";
import "./styles/base.css";
import "./styles/parts.css";
import "./styles/shell.css";
import "./styles/chats.css";

// The content security policy forbids code generated at run time, which Zod would use.
z.config({ jitless: true });

const session = new Session(new TokenStorage(localStorage), acrossTabs);
addEventListener("storage", (event) => session.reread(event));

const root = document.getElementById("root");
if (root === null) throw new Error("The page has no #root element");
createRoot(root).render(
  <StrictMode>
    <App session={session} />
  </StrictMode>,
);
