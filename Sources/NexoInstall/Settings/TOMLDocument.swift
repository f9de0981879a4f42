import TOMLKit

/// A TOML document out of untrusted bytes, with what its parser does not guard against refused beforehand.
struct TOMLDocument {
  let root: TOMLTable
  private let lines: [Substring]

  struct Problem: Error {
    let text: String
  }

  /// - Parameter limit: in bytes.
  init(parsing bytes: [UInt8], limit: Int) throws(Problem) {
    guard bytes.count <= limit else { throw Problem(text: "it is larger than \(limit) bytes") }
    guard let text = String(validating: bytes, as: UTF8.self) else { throw Problem(text: "it is not valid UTF-8") }
    // The parser hands strings over as C does: what follows a NUL would be lost without a word.
    guard !bytes.contains(0), !text.contains("\\u0000"), !text.contains("\\U00000000") else {
      throw Problem(text: "it holds a NUL character")
    }
    var depth = TOMLDepth()
    guard depth.isHarmless(bytes) else { throw Problem(text: "it is nested too deeply") }
    do { root = try TOMLTable(string: text) } catch let error as TOMLParseError {
      throw Problem(
        text: "\(error.description) at line \(error.source.begin.line), column \(error.source.begin.column)")
    } catch { throw Problem(text: "it is no TOML") }
    lines = text.split(separator: "\n", omittingEmptySubsequences: false)
  }

  /// Where a key stands, for messages: ` at line 3, column 1`, or nothing if it is written in an unusual way.
  ///
  /// - Parameter element: the number of the `[[list]]` element that it belongs to; nil for the top.
  func place(of key: String, in list: String = "", element: Int? = nil) -> String {
    var count = -1
    for (number, line) in lines.enumerated() {
      let trimmed = line.drop { $0 == " " || $0 == "\t" }
      if trimmed.hasPrefix("[[\(list)]]") { count += 1 }
      guard count == (element ?? -1) else { continue }
      guard [key, "\"\(key)\"", "'\(key)'"].contains(where: { Self.begins(trimmed, with: $0) }) else { continue }
      return " at line \(number + 1), column \(line.count - trimmed.count + 1)"
    }
    return ""
  }

  private static func begins(_ line: Substring, with key: String) -> Bool {
    let header = line.drop { $0 == "[" }
    guard header.hasPrefix(key) else { return false }
    let rest = header.dropFirst(key.count).drop { $0 == " " || $0 == "\t" }
    return rest.hasPrefix("=") || rest.hasPrefix(".") || (header.count < line.count && rest.hasPrefix("]"))
  }
}

/// How deeply a document's tables are nested. The parser limits nested values but follows a dotted key of any length, and
/// takes the document apart recursively: a key of a hundred thousand dots ends the process.
struct TOMLDepth {
  /// Far above any real document.
  private static let deepest = 64

  private var index = 0
  private var brackets = 0
  private var dots = 0

  mutating func isHarmless(_ bytes: [UInt8]) -> Bool {
    while index < bytes.count {
      switch bytes[index] {
      case UInt8(ascii: "#"): skipLine(bytes)
      case UInt8(ascii: "\""), UInt8(ascii: "'"): skipString(bytes)
      case UInt8(ascii: "."):
        dots += 1
        guard dots <= Self.deepest else { return false }
        index += 1
      case UInt8(ascii: "["), UInt8(ascii: "{"):
        brackets += 1
        guard brackets <= Self.deepest else { return false }
        index += 1
      case UInt8(ascii: "]"), UInt8(ascii: "}"):
        brackets = max(0, brackets - 1)
        dots = 0
        index += 1
      case UInt8(ascii: ","), UInt8(ascii: "="), 0x0a:
        dots = 0
        index += 1
      default: index += 1
      }
    }
    return true
  }

  private mutating func skipLine(_ bytes: [UInt8]) {
    while index < bytes.count, bytes[index] != 0x0a { index += 1 }
  }

  /// TOML 1.0.0, String: four kinds. A string that never ends runs to the end, and the parser says so.
  private mutating func skipString(_ bytes: [UInt8]) {
    let quote = bytes[index]
    let isBasic = quote == UInt8(ascii: "\"")
    if run(of: quote, bytes) >= 3 {
      index += 3
      while index < bytes.count {
        if bytes[index] == quote, run(of: quote, bytes) >= 3 {
          // Up to two quotes may stand right before the closing ones.
          index += min(5, run(of: quote, bytes))
          return
        }
        index += isBasic && bytes[index] == UInt8(ascii: "\\") ? 2 : 1
      }
      return
    }
    index += 1
    while index < bytes.count, bytes[index] != quote, bytes[index] != 0x0a {
      index += isBasic && bytes[index] == UInt8(ascii: "\\") ? 2 : 1
    }
    if index < bytes.count, bytes[index] == quote { index += 1 }
  }

  private func run(of byte: UInt8, _ bytes: [UInt8]) -> Int {
    var end = index
    while end < bytes.count, bytes[end] == byte { end += 1 }
    return end - index
  }
}
