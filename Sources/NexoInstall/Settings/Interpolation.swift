import Glibc

/// Placeholders in the raw text of a configuration file, as nexo-rs fills them in before it reads the YAML.
///
/// A value is put in as it is, so it may change the structure of the YAML around it. Environment and secrets are the
/// operator's own; whoever can set them can write the file as well.
struct Interpolation: Sendable {
  let environment: [String: String]
  let currentFolder: String

  /// In bytes, of a file named by `${file:…}`.
  private static let secretLimit = 64 << 10

  struct Problem: Error {
    let text: String
  }

  /// `${VAR}`, `${VAR:-x}`, `${VAR-x}` and `${file:path}`; nothing after an unquoted `#` of a line.
  func apply(_ text: String, file: String) throws(Problem) -> String {
    var result = ""
    var isFirst = true
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if !isFirst { result += "\n" }
      isFirst = false
      let (code, comment) = Self.splitComment(line)
      result += try fill(code, file) + comment
    }
    return result
  }

  private static func splitComment(_ line: Substring) -> (Substring, Substring) {
    var quote: Character?
    for index in line.indices {
      let character = line[index]
      if let open = quote {
        if character == open { quote = nil }
      } else if character == "\"" || character == "'" {
        quote = character
      } else if character == "#" {
        return (line[..<index], line[index...])
      }
    }
    return (line, "")
  }

  private func fill(_ code: Substring, _ file: String) throws(Problem) -> String {
    var result = ""
    var rest = code
    while let start = rest.firstRange(of: "${") {
      result += rest[..<start.lowerBound]
      let body = rest[start.upperBound...]
      guard let end = body.firstIndex(of: "}") else {
        result += rest[start.lowerBound...]
        return result
      }
      result += try value(String(body[..<end]), file)
      rest = body[body.index(after: end)...]
    }
    return result + rest
  }

  private func value(_ body: String, _ file: String) throws(Problem) -> String {
    if body.hasPrefix("file:") { return try secret(String(body.dropFirst(5)), file) }
    if let range = body.firstRange(of: ":-") {
      let value = environment[String(body[..<range.lowerBound])] ?? ""
      return value.isEmpty ? String(body[range.upperBound...]) : value
    }
    if let dash = body.firstIndex(of: "-") {
      return environment[String(body[..<dash])] ?? String(body[body.index(after: dash)...])
    }
    guard let value = environment[body] else {
      throw Problem(text: "env var \(body) not set (referenced in \(file))")
    }
    return value
  }

  private func secret(_ path: String, _ file: String) throws(Problem) -> String {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    guard !parts.contains("..") else { throw Problem(text: "\(path) holds `..` (referenced in \(file))") }
    if path.hasPrefix("/") {
      let allowed =
        ["/run/secrets", "/var/run/secrets", "\(currentFolder)/secrets"]
        + [environment["CONFIG_SECRETS_DIR"]].compactMap { $0 }.filter { !$0.isEmpty }
      guard allowed.contains(where: { path.hasPrefix($0.hasSuffix("/") ? $0 : $0 + "/") }) else {
        throw Problem(text: "\(path) is in none of \(allowed.joined(separator: ", ")) (referenced in \(file))")
      }
    }
    let bytes: [UInt8]
    do throws(SystemError) { bytes = try InputFile.read(path: path, limit: Self.secretLimit) } catch {
      throw Problem(text: "\(path): \(error.text) (referenced in \(file))")
    }
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
    var result = ""
    var rest = path[...]
    while let dollar = rest.firstIndex(of: "$") {
      result += rest[..<dollar]
      let tail = rest[rest.index(after: dollar)...]
      let name = tail.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
      rest = tail[name.endIndex...]
      guard !name.isEmpty else {
        result += "$"
        continue
      }
      guard let value = environment[String(name)], !value.isEmpty else {
        throw Problem(text: "env var \(name) not set (in search path `\(path)`)")
      }
      result += value
    }
    return result + rest
  }
}
