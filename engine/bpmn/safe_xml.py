"""XML from outside, made safe: bounded in size, depth and count, no DOCTYPE, UTF-8 only.

This is the one door for XML. Everything an upload can do to a parser (entity bombs, external files, deep
nesting, giant files, odd encodings) is refused here with a sentence, before anything else looks at it.
"""

from typing import NoReturn

from lxml import etree

from engine.errors import Unusable

MAX_BYTES = 2_000_000
"""The largest shipped diagram is about 100 kB with its layout; twenty times that is no longer a procedure."""

MAX_DEPTH = 64
"""XML nesting. A subprocess costs one level, so this is far deeper than anybody can read."""

MAX_NODES = 20_000
"""XML elements in a file, layout included (a hundred steps need about 2,500)."""

MAX_ATTRIBUTES = 64
"""Attributes on one XML element."""


ZIP = b"PK\x03\x04"


class Unreadable(Unusable):
    """A file that cannot be read as a procedure; `rule` names why, `line` where, `fix` what to do."""

    def __init__(self, rule: str, message: str, fix: str, line: int = 1) -> None:
        super().__init__(f"{message}{fix}")
        self.rule = rule
        self.sentence = message
        self.fix = fix
        self.line = line


def parse(source: bytes | str, name: str) -> etree._Element:
    """The root of a document, or `Unreadable`: `name` is only used in the sentence."""
    text = _text(source, name)
    if _has_doctype(text):
        _refuse(
            "doctype",
            f"{name} 带有 DOCTYPE 声明，可能引入外部内容。",
            "请删除文件开头的 <!DOCTYPE …> 后再上传。",
        )
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
    )
    try:
        root = etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError as error:
        line = error.lineno or 1
        if "depth" in str(error):  # libxml2's own bound, met before ours
            _too_deep(name, line)
        _refuse("not-xml", f"{name} 第 {line} 行不是合法的 XML。", "请用 BPMN 编辑器重新导出该文件。", line)
    _within_bounds(root, name)
    return root


def _text(source: bytes | str, name: str) -> str:
    if len(source) > MAX_BYTES:
        size = f"{MAX_BYTES // 1_000_000} MB"
        _refuse(
            "file-too-large", f"{name} 超过 {size}，不像是一份流程图。", "请拆分流程或去掉嵌入的图片、附件。"
        )
    if not source.strip():
        _refuse("not-xml", f"{name} 是空文件。", "请用 BPMN 编辑器重新导出该文件。")
    try:
        content = source if isinstance(source, bytes) else source.encode()
        if content.startswith(ZIP):
            _refuse(
                "not-xml", f"{name} 是压缩包或 Office 文件，不是 XML。", "请上传其中的 .bpmn / .dmn 文件。"
            )
        text = content.decode("utf-8-sig")
    except UnicodeError:
        _refuse("encoding", f"{name} 不是 UTF-8 编码。", "请另存为 UTF-8 编码后再上传。")
    if "\x00" in text:
        _refuse("encoding", f"{name} 含有空字节，不是 UTF-8 文本。", "请另存为 UTF-8 编码后再上传。")
    return text.lstrip()


def _has_doctype(text: str) -> bool:
    """Whether the prolog (all that may stand before the root element) declares a DOCTYPE."""
    position = 0
    while True:
        while position < len(text) and text[position].isspace():
            position += 1
        if text.startswith("<!--", position):
            end = text.find("-->", position)
        elif text.startswith("<?", position):
            end = text.find("?>", position)
        else:
            return text[position : position + 9].upper() == "<!DOCTYPE"
        if end < 0:
            return False  # not well formed: the parser says so
        position = end + 2 + text.startswith("-->", end)


def _within_bounds(root: etree._Element, name: str) -> None:
    """Refuse what is too deep or too many, and instructions to other programs; iterative: depth costs no stack."""
    count = depth = 0
    for event, node in etree.iterwalk(root.getroottree(), events=("start", "end", "pi")):
        line = node.sourceline or 1
        if event == "end":
            depth -= 1
            continue
        if event == "pi":
            _refuse(
                "processing-instruction",
                f"{name} 第 {line} 行是处理指令（<?…?>），流程图不需要。",
                "请删除这一行后再上传。",
                line,
            )
        count, depth = count + 1, depth + 1
        if depth > MAX_DEPTH:
            _too_deep(name, line)
        if count > MAX_NODES:
            _refuse(
                "too-many-elements", f"{name} 的 XML 元素超过 {MAX_NODES} 个。", "请把流程拆成几张图。", line
            )
        if len(node.attrib) > MAX_ATTRIBUTES:
            _refuse(
                "too-many-attributes",
                f"{name} 第 {line} 行一个元素的属性超过 {MAX_ATTRIBUTES} 个。",
                "请删除多余属性。",
                line,
            )


def _too_deep(name: str, line: int) -> NoReturn:
    _refuse("too-deep", f"{name} 第 {line} 行嵌套超过 {MAX_DEPTH} 层。", "请减少子流程的嵌套。", line)


def _refuse(rule: str, message: str, fix: str, line: int = 1) -> NoReturn:
    raise Unreadable(rule, message, fix, line)
