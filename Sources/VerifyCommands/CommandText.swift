import VerdictReport
import WireCoding

/// Values of flags that are neither paths nor names.
enum CommandText {
  /// Go's duration syntax (`1m30s`, `500ms`, `0`), as cosign reads it, in milliseconds. Zero, as nil, waits for ever.
  static func milliseconds(_ text: String) throws(Refusal) -> Int? {
    let failure = Refusal.usage(
      "--timeout \(Terminal.quoted(text)) is no duration", advice: "write for example 30s or 3m")
    if text == "0" { return nil }
    var rest = text[...]
    var total = 0.0
    while !rest.isEmpty {
      let digits = rest.prefix { $0.isASCII && $0.isWholeNumber || $0 == "." }
      rest = rest.dropFirst(digits.count)
      let unit = rest.prefix { $0.isLetter }
      rest = rest.dropFirst(unit.count)
      let scales = ["h": 3_600_000.0, "m": 60_000, "s": 1000, "ms": 1, "us": 0.001, "µs": 0.001, "ns": 0.000001]
      guard let number = Double(String(digits)), let scale = scales[String(unit)] else { throw failure }
      total += number * scale
    }
    guard total.isFinite, total < 1e12, !text.isEmpty else { throw failure }
    return total == 0 ? nil : max(1, Int(total))
  }

  /// A number of logs, authorities or witnesses. More than 32 of them are in no bundle.
  static func count(_ line: ReadCommandLine, _ flag: Flag) throws(Refusal) -> Int? {
    guard let text = line.text(flag) else { return nil }
    guard let count = Int(text), String(count) == text, (1...32).contains(count) else {
      throw .usage("\(flag.spelled) \(Terminal.quoted(text)) is no number from 1 to 32")
    }
    return count
  }

  /// A number of days: up to a century, so that nobody has to write "never" in nines.
  static func days(_ line: ReadCommandLine, _ flag: Flag) throws(Refusal) -> Int? {
    guard let text = line.text(flag) else { return nil }
    guard let days = Int(text), String(days) == text, (0...36_525).contains(days) else {
      throw .usage("\(flag.spelled) \(Terminal.quoted(text)) is no number of days from 0 to 36525")
    }
    return days
  }

  static func hash(_ line: ReadCommandLine, _ flag: Flag) throws(Refusal) -> HashAlgorithm? {
    guard let text = line.text(flag) else { return nil }
    guard let hash = HashAlgorithm(rawValue: text) else {
      throw .usage("\(flag.spelled) \(Terminal.quoted(text)) is none of sha256, sha384 and sha512")
    }
    return hash
  }
}

/// A value that has to be the path of a file here: cosign also takes addresses and key services.
func localPath(_ value: [UInt8], _ flag: Flag) throws(Refusal) -> [UInt8] {
  if let scheme = remoteScheme(value) {
    throw .usage("\(flag.spelled) is a \(scheme) address", advice: "fetch it first, and pass the path of the file")
  }
  return value
}

/// `https` for `https://…`, and so on for whatever has the form of an address.
func remoteScheme(_ value: [UInt8]) -> String? {
  let scheme = value.prefix { byte in
    (0x61...0x7a).contains(byte) || (0x41...0x5a).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x2b
  }
  let rest = value[scheme.endIndex...]
  let isToken = scheme.elementsEqual("pkcs11".utf8) && rest.first == UInt8(ascii: ":")
  guard !scheme.isEmpty, isToken || rest.starts(with: "://".utf8) else { return nil }
  return String(decoding: scheme.prefix(32), as: UTF8.self)
}
