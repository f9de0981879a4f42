import FileSystem

/// Placeholders in the raw text of a configuration file, as nexo-rs fills them in before it reads the YAML.
///
/// A value is put in as it is, so it may change the structure of the YAML around it. Environment and secrets are the
/// operator's own; whoever can set them can write the file as well.
///
/// Works on bytes: every sign that matters is ASCII, and to Swift `/` before a combining mark is no `/`.
struct Interpolation: Sendable {
  let environment: [String: String]
  let currentFolder: String

  /// In bytes, of a text with its placeholders filled in.
  static let limit = 1 << 20
  /// In bytes, of a file named by `${file:…}`.
  private static let secretLimit = 64 << 10

  private typealias Bytes = ArraySlice<UInt8>

  struct Problem: Error {
    let text: String
  }

  /// `${VAR}`, `${VAR:-x}`, `${VAR-x}` and `${file:path}`; nothing after an unquoted `#` of a line.
  func apply(_ text: String, file: String) throws(Problem) -> String {
    var result: [UInt8] = []
    for line in Array(text.utf8).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      if line.startIndex > 0 { result.append(UInt8(ascii: "\n")) }
      let comment = Self.startOfComment(line)
      try fill(line[..<comment], file, into: &result)
      result += line[comment...]
    }
    return String(decoding: result, as: UTF8.self)
  }

  private static func startOfComment(_ line: Bytes) -> Int {
    var quote: UInt8?
    for index in line.indices {
      let byte = line[index]
      if let open = quote {
        if byte == open { quote = nil }
      } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
        quote = byte
      } else if byte == UInt8(ascii: "#") {
        return index
      }
    }
    return line.endIndex
  }

  private func fill(_ code: Bytes, _ file: String, into result: inout [UInt8]) throws(Problem) {
    var rest = code
    while let dollar = rest.firstIndex(of: UInt8(ascii: "$")) {
      result += rest[..<dollar]
      rest = rest[dollar...]
      let body = rest.dropFirst(2)
      guard rest.dropFirst().first == UInt8(ascii: "{") else {
        result.append(UInt8(ascii: "$"))
        rest = rest.dropFirst()
        continue
      }
      guard let end = body.firstIndex(of: UInt8(ascii: "}")) else { break }
      result += try value(body[..<end], file).utf8
      guard result.count <= Self.limit else {
        throw Problem(text: "the placeholders of \(file) fill in more than \(Self.limit) bytes")
      }
      rest = body[end...].dropFirst()
    }
    result += rest
  }

  private func value(_ body: Bytes, _ file: String) throws(Problem) -> String {
    func text(_ bytes: Bytes) -> String { String(decoding: bytes, as: UTF8.self) }
    if body.starts(with: "file:".utf8) { return try secret(text(body.dropFirst(5)), file) }
    let dashes = body.indices.filter { body[$0] == UInt8(ascii: "-") }
    if let dash = dashes.first(where: { $0 > body.startIndex && body[$0 - 1] == UInt8(ascii: ":") }) {
      let value = environment[text(body[..<(dash - 1)])] ?? ""
      return value.isEmpty ? text(body[dash...].dropFirst()) : value
    }
    if let dash = dashes.first { return environment[text(body[..<dash])] ?? text(body[dash...].dropFirst()) }
    guard let value = environment[text(body)] else {
      throw Problem(text: "env var \(text(body)) not set (referenced in \(file))")
    }
    return value
  }

  private func secret(_ path: String, _ file: String) throws(Problem) -> String {
    let parts = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    guard !parts.contains(where: { $0.elementsEqual("..".utf8) }) else {
      throw Problem(text: "\(path) holds `..` (referenced in \(file))")
    }
    let isAbsolute = path.utf8.first == UInt8(ascii: "/")
    if isAbsolute {
      let allowed =
        ["/run/secrets", "/var/run/secrets", "\(currentFolder)/secrets"]
        + [environment["CONFIG_SECRETS_DIR"]].compactMap { $0 }.filter { !$0.isEmpty }
      guard allowed.contains(where: { path.utf8.starts(with: ($0.hasSuffix("/") ? $0 : $0 + "/").utf8) }) else {
        throw Problem(text: "\(path) is in none of \(allowed.joined(separator: ", ")) (referenced in \(file))")
      }
    }
    let bytes: [UInt8]
    do throws(SystemError) {
      bytes = try InputFile.read(path: isAbsolute ? path : "\(currentFolder)/\(path)", limit: Self.secretLimit)
    } catch { throw Problem(text: "\(path): \(error.text) (referenced in \(file))") }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Problem(text: "\(path) is not valid UTF-8 (referenced in \(file))")
    }
    return Self.trimmed(text)
  }

  private static func trimmed(_ text: String) -> String {
    let blank: (Unicode.Scalar) -> Bool = { $0.properties.isWhitespace }
    let scalars = text.unicodeScalars.drop(while: blank)
    guard let last = scalars.lastIndex(where: { !blank($0) }) else { return "" }
    return String(scalars[...last])
  }

  /// `$VAR` without braces in a search path: a name is as long as ASCII letters, digits and `_` go; a lone `$` stays. A name
  /// that is not set is an error: the path would lead somewhere else.
  func expandVariables(_ path: String) throws(Problem) -> String {
    var result: [UInt8] = []
    var rest = Array(path.utf8)[...]
    while let dollar = rest.firstIndex(of: UInt8(ascii: "$")) {
      result += rest[..<dollar]
      let tail = rest[dollar...].dropFirst()
      let name = tail.prefix { Self.isPartOfName($0) }
      rest = tail.dropFirst(name.count)
      guard !name.isEmpty else {
        result.append(UInt8(ascii: "$"))
        continue
      }
      let variable = String(decoding: name, as: UTF8.self)
      guard let value = environment[variable], !value.isEmpty else {
        throw Problem(text: "env var \(variable) not set (in search path `\(path)`)")
      }
      result += value.utf8
    }
    return String(decoding: result + rest, as: UTF8.self)
  }

  private static func isPartOfName(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "_"): true
    default: false
    }
  }
}
