/// A JSON value to be written. Objects keep the order of their fields, so the same value gives the same text.
package indirect enum JSONOutput {
  case object([(String, JSONOutput)])
  case array([JSONOutput])
  case text(String)
  case number(Int)
  case bool(Bool)
  case null

  package static func optional(_ text: String?) -> JSONOutput { text.map { .text($0) } ?? .null }

  /// RFC 8259 on one line, fit for a terminal too: what `Terminal` would escape is written as `\u` escapes.
  package var rendered: String {
    var result = ""
    write(to: &result)
    return result
  }

  /// The same over many lines, two blanks for each level.
  package var pretty: String {
    var result = ""
    writePretty(to: &result, indent: "\n")
    return result
  }

  private func writePretty(to result: inout String, indent: String) {
    let inner = indent + "  "
    switch self {
    case .array(let elements) where !elements.isEmpty:
      result += "["
      for (index, element) in elements.enumerated() {
        result += (index > 0 ? "," : "") + inner
        element.writePretty(to: &result, indent: inner)
      }
      result += indent + "]"
    case .object(let fields) where !fields.isEmpty:
      result += "{"
      for (index, (name, value)) in fields.enumerated() {
        result += (index > 0 ? "," : "") + inner
        Self.write(name, to: &result)
        result += ": "
        value.writePretty(to: &result, indent: inner)
      }
      result += indent + "}"
    default: write(to: &result)
    }
  }

  private func write(to result: inout String) {
    switch self {
    case .null: result += "null"
    case .bool(let flag): result += flag ? "true" : "false"
    case .number(let number): result += String(number)
    case .text(let text): Self.write(text, to: &result)
    case .array(let elements):
      result += "["
      for (index, element) in elements.enumerated() {
        if index > 0 { result += "," }
        element.write(to: &result)
      }
      result += "]"
    case .object(let fields):
      result += "{"
      for (index, (name, value)) in fields.enumerated() {
        if index > 0 { result += "," }
        Self.write(name, to: &result)
        result += ":"
        value.write(to: &result)
      }
      result += "}"
    }
  }

  private static func write(_ text: String, to result: inout String) {
    result += "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case _ where Terminal.isHarmless(scalar): result.unicodeScalars.append(scalar)
      default:
        // Above U+FFFF a pair of surrogates.
        for unit in UTF16.encode(scalar) ?? .init() { result += "\\u" + hex(unit) }
      }
    }
    result += "\""
  }

  private static func hex(_ unit: UInt16) -> String {
    let digits = String(unit, radix: 16)
    return String(repeating: "0", count: 4 - digits.count) + digits
  }
}
