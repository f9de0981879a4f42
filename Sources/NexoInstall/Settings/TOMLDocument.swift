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
    let byteOrderMark: [UInt8] = [0xef, 0xbb, 0xbf]
    let bytes = bytes.starts(with: byteOrderMark) ? Array(bytes.dropFirst(byteOrderMark.count)) : bytes
    guard let text = String(validating: bytes, as: UTF8.self) else { throw Problem(text: "it is not valid UTF-8") }
    guard !Self.holdsNUL(bytes) else { throw Problem(text: "it holds a NUL character") }
    var guarding = TOMLGuard()
    if let problem = guarding.problem(in: bytes) { throw Problem(text: problem) }
    do { root = try TOMLTable(string: text) } catch let error as TOMLParseError {
      throw Problem(
        text: "\(error.description) at line \(error.source.begin.line), column \(error.source.begin.column)")
    } catch { throw Problem(text: "it is no TOML") }
    // By scalars: the line end of Windows is one character to Swift, and not this one.
    lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map { Substring($0) }
  }

  /// As itself or escaped. The parser hands strings over as C does: what follows a NUL would be lost without a word.
  private static func holdsNUL(_ bytes: [UInt8]) -> Bool {
    guard !bytes.contains(0) else { return true }
    return bytes.indices.contains { index in
      guard bytes[index] == UInt8(ascii: "\\") else { return false }
      let rest = bytes[index...]
      return rest.starts(with: "\\u0000".utf8) || rest.starts(with: "\\U00000000".utf8)
    }
  }

  /// Where a key stands, for messages: ` at line 3, column 1`, or nothing if it is written in an unusual way.
  ///
  /// - Parameter element: the number of the `[[list]]` element that it belongs to; nil for the top.
  func place(of key: String, in list: String = "", element: Int? = nil) -> String {
    var count = -1
    for (number, line) in lines.enumerated() {
      let trimmed = line.drop { $0 == " " || $0 == "\t" }
      if trimmed.hasPrefix("["), trimmed.filter({ $0 != " " && $0 != "\t" }).hasPrefix("[[\(list)]]") { count += 1 }
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

/// Refuses beforehand what ends the process in the parser (toml++ 3.4): it limits nested values but follows a dotted key of
/// any length and takes the document apart recursively, and it asserts, instead of checking, that a table's header begins
/// with a key and that a list holds values.
struct TOMLGuard {
  /// Far above any real document.
  private static let deepest = 64

  private var index = 0
  /// Brackets that are open.
  private var open: [UInt8] = []
  private var dots = 0
  /// Whether a value is due: then `[` begins a list, else a header.
  private var isBehindSign = false

  /// Nil where the document may be given to the parser.
  mutating func problem(in bytes: [UInt8]) -> String? {
    while index < bytes.count {
      let byte = bytes[index]
      switch byte {
      case UInt8(ascii: "#"): skipLine(bytes)
      case UInt8(ascii: "\""), UInt8(ascii: "'"):
        skipString(bytes)
        isBehindSign = false
        continue
      case UInt8(ascii: "."):
        dots += 1
        guard dots <= Self.deepest else { return "it is nested too deeply" }
        index += 1
      case UInt8(ascii: "["), UInt8(ascii: "{"):
        guard byte != UInt8(ascii: "[") || !open.isEmpty || isBehindSign || isHeader(bytes) else {
          return "a table's header begins with no key"
        }
        open.append(byte)
        guard open.count <= Self.deepest else { return "it is nested too deeply" }
        index += 1
      case UInt8(ascii: "]"), UInt8(ascii: "}"):
        // In ASCII a closing bracket is its opening one plus two.
        guard open.popLast() == byte - 2 else { return "a bracket closes what was not opened" }
        dots = 0
        index += 1
      case UInt8(ascii: ","), UInt8(ascii: "="), 0x0a:
        dots = 0
        index += 1
      case 0x20...0x7e, 0x09, 0x0d: index += 1
      // TOML 1.0.0 has ASCII alone outside of texts and comments; the parser stumbles over other blanks.
      default: return "a character outside of ASCII stands outside of texts and comments"
      }
      if byte == UInt8(ascii: "=") { isBehindSign = true } else if byte != 0x20, byte != 0x09 { isBehindSign = false }
    }
    return nil
  }

  /// Whether `[` or `[[` is followed by a key, or closed at once, which the parser refuses itself.
  private func isHeader(_ bytes: [UInt8]) -> Bool {
    var rest = bytes[(index + 1)...].drop { $0 == 0x20 || $0 == 0x09 }
    if rest.first == UInt8(ascii: "[") { rest = rest.dropFirst().drop { $0 == 0x20 || $0 == 0x09 } }
    guard let first = rest.first else { return false }
    switch first {
    case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: return true
    default: return "_-\"']".utf8.contains(first)
    }
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
          index += run(of: quote, bytes)
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

  /// How often the byte stands here, as far as it matters: counting on would make a file of quotes cost its square.
  private func run(of byte: UInt8, _ bytes: [UInt8]) -> Int { bytes[index...].prefix(5).prefix { $0 == byte }.count }
}
