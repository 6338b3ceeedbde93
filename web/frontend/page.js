// What every page loads. Each piece is an enhancement: without it the same forms and links still work.
// htmx narrows lists while one types; a filter without it is an ordinary form with a button.
import "htmx.org";
import "@picocss/pico/css/pico.min.css";
import "./tokens.css";
import "./layout.css";
import "./parts.css";
import "./applicant.css";
import "./case.css";
import "./guide.css";
import "./review.css";
import "./officer.css";
import "./print.css";
import "./forms.js";
import "./case.js";
import "./review.js";
import "./exports.css";
import "./notices.css";
import "./printing.js";
import "./officer.js";
import "./stacked.js";
