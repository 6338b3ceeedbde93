// The modeler's own words in Chinese: its translators' file, and what that lacks or we added.
import theirs from "bpmn-js-i18n/translations/zn.js";

const OURS = {
  "Create waiting event or time limit": "放置定时事件（拖到步骤边上即为其期限）",
  "Create parallel gateway": "放置并行网关",
  "Create gateway": "放置排他网关",
  "Create step for a person": "放置人工步骤",
  "Create automatic step": "放置自动步骤（具名动作）",
  "Create step that waits for a message": "放置等待消息的步骤",
  "Create decision": "放置决策表步骤",
  "Create call of another procedure": "放置调用其他流程",
  "Create start event": "放置开始",
  "Create end event": "放置结束",
  "Create expanded sub-process": "放置子流程",
  "Append step for a person": "接一个人工步骤",
  "Append automatic step": "接一个自动步骤",
  "Append end event": "接一个结束",
  "Append gateway": "接一个排他网关",
  "Activate hand tool": "移动画布",
  "Activate lasso tool": "框选",
  "Activate create/remove space tool": "撑开或收拢空间",
  "Activate global connect tool": "连线",
  "Change element": "改变类型",
  "Change type": "改变类型",
  "Add text annotation": "加注释",
  "Connect to other element": "连到另一个图形",
  "Search in diagram": "在图中查找",
  "No matching elements found": "没有找到",
  "Parallel multi-instance": "同时对多人（多项）办理",
  "Sequential multi-instance": "依次对多人（多项）办理",
  "Parallel multi instance": "同时对多人（多项）办理",
  "Sequential multi instance": "依次对多人（多项）办理",
  "Toggle non-interrupting": "切换中断与不中断",
  "Align elements": "对齐",
  "Align elements left": "左对齐",
  "Align elements right": "右对齐",
  "Align elements top": "上对齐",
  "Align elements bottom": "下对齐",
  "Align elements center": "水平居中对齐",
  "Align elements middle": "垂直居中对齐",
  "Distribute elements horizontally": "水平均匀分布",
  "Distribute elements vertically": "垂直均匀分布",
  "Append {type}": "接一个{type}",
  "User task": "人工步骤",
  "Manual task": "线下步骤",
  "Service task": "自动步骤",
  "Receive task": "等待消息的步骤",
  "Business rule task": "决策表步骤",
  "Call activity": "调用其他流程",
  "Sub-process (expanded)": "子流程",
  "Exclusive gateway": "排他网关",
  "Parallel gateway": "并行网关",
  "Event-based gateway": "事件网关",
  "Open minimap": "打开缩略图",
  "Close minimap": "收起缩略图",
  "Toggle minimap": "缩略图",
};

// The simulation's words are plain text in its markup; they are put into the page's language where it is made.
const SIMULATION = {
  "Token Simulation": "推演",
  "Toggle Simulation Log": "推演记录",
  "Simulation Log": "推演记录",
  "Reset Simulation": "重新推演",
  "Play/Pause Simulation": "继续或暂停",
  "Pause Simulation": "已暂停",
  "Play Simulation": "继续推演",
  "Set animation speed = Slow": "推演速度：慢",
  "Set animation speed = Normal": "推演速度：中",
  "Set animation speed = Fast": "推演速度：快",
  "Set Sequence Flow": "选择走哪条路",
  "Trigger Event": "触发",
  "Add pause point": "在此暂停",
  "Remove pause point": "不在此暂停",
  "Focus process instance": "只看这一次",
  "Found unsupported elements": "有不能推演的图形",
  "Not supported": "不能推演",
  "No Entries": "还没有记录",
  Finished: "已办结",
};

const chinese = () => document.documentElement.lang !== "en";
const words = { ...theirs, ...OURS };

export default {
  translate: ["value", translate],
};

function translate(template, values = {}) {
  const text = (chinese() && words[template]) || template;
  return text.replace(/{([^}]+)}/g, (whole, name) => values[name] ?? whole);
}

export function simulationWords(markup) {
  if (!chinese()) return markup;
  return Object.entries(SIMULATION).reduce((text, [english, zh]) => text.replaceAll(english, zh), markup);
}
