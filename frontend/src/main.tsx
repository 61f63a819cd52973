/** Where the studio starts: sign in, then draw. */
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { BrowserRouter } from "react-router";
import { App } from "./App";
import { Boundary } from "./components/ui/Broken";
import "./styles/index.css";

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <Boundary>
        <BrowserRouter>
          <App />
        </BrowserRouter>
      </Boundary>
    </StrictMode>,
  );
}
