// What every page loads. Each piece is an enhancement: without it the same forms and links still work.
import "htmx.org";
import "@picocss/pico/css/pico.min.css";
import "./tokens.css";
import "./layout.css";
import "./parts.css";
import "./print.css";
import "./forms.js";
