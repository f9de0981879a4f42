import COpenSSL

/// Encoders of the test kit's own, so that a mistake in the product's cannot hide behind them. Simple rather than fast.
public enum Encoding {
  public static func base64(_ bytes: [UInt8]) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    var text = ""
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = Array(bytes[start..<min(start + 3, bytes.count)])
      let padded = group + [UInt8](repeating: 0, count: 3 - group.count)
      let word = Int(padded[0]) << 16 | Int(padded[1]) << 8 | Int(padded[2])
      for position in 0..<4 {
        text.append(position <= group.count ? alphabet[word >> (18 - 6 * position) & 63] : "=")
      }
    }
    return text
  }

  public static func hex(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  public static func pem(_ label: String, _ bytes: [UInt8]) -> String {
    let text = Array(base64(bytes))
    let lines = stride(from: 0, to: text.count, by: 64).map { String(text[$0..<min($0 + 64, text.count)]) }
    return "-----BEGIN \(label)-----\n" + lines.joined(separator: "\n") + "\n-----END \(label)-----\n"
  }

  public static func bigEndian(_ value: UInt64, _ count: Int) -> [UInt8] {
    (0..<count).reversed().map { UInt8(value >> (8 * UInt64($0)) & 0xff) }
  }
}

/// A hash function by its name in log entries.
public enum HashName: String, Sendable, CaseIterable {
  case sha256, sha384, sha512

  public func callAsFunction(_ bytes: [UInt8]) -> [UInt8] {
    var output = [UInt8](repeating: 0, count: 64)
    var length: UInt32 = 0
    let method =
      switch self {
      case .sha256: EVP_sha256()
      case .sha384: EVP_sha384()
      case .sha512: EVP_sha512()
      }
    precondition(EVP_Digest(bytes, bytes.count, &output, &length, method, nil) == 1)
    return Array(output.prefix(Int(length)))
  }

  /// The enum value of Sigstore's protobuf messages.
  public var protobufName: String { "SHA2_" + rawValue.dropFirst(3) }
}

/// A DER writer, free to write what no parser should accept.
public enum DERWriter {
  public static func element(_ tag: UInt8, _ contents: [UInt8]) -> [UInt8] {
    if contents.count < 128 { return [tag, UInt8(contents.count)] + contents }
    var length = contents.count
    var bytes: [UInt8] = []
    while length > 0 {
      bytes.insert(UInt8(length & 0xff), at: 0)
      length >>= 8
    }
    return [tag, 0x80 | UInt8(bytes.count)] + bytes + contents
  }

  public static func sequence(_ parts: [UInt8]...) -> [UInt8] { element(0x30, parts.flatMap { $0 }) }
  public static func set(_ parts: [UInt8]...) -> [UInt8] { element(0x31, parts.flatMap { $0 }) }
  public static func octets(_ bytes: [UInt8]) -> [UInt8] { element(0x04, bytes) }
  public static func bits(_ bytes: [UInt8]) -> [UInt8] { element(0x03, [0] + bytes) }
  public static func utf8(_ text: String) -> [UInt8] { element(0x0c, Array(text.utf8)) }
  public static func boolean(_ flag: Bool) -> [UInt8] { [0x01, 0x01, flag ? 0xff : 0x00] }

  /// A number that is not negative, from its big-endian magnitude.
  public static func integer(_ magnitude: [UInt8]) -> [UInt8] {
    var bytes = Array(magnitude.drop { $0 == 0 })
    if bytes.first.map({ $0 >= 0x80 }) ?? true { bytes.insert(0, at: 0) }
    return element(0x02, bytes)
  }

  public static func integer(_ value: UInt64) -> [UInt8] { integer(Encoding.bigEndian(value, 8)) }

  public static func identifier(_ dotted: String) -> [UInt8] {
    let arcs = dotted.split(separator: ".").map { UInt64($0) ?? 0 }
    var bytes: [UInt8] = []
    for arc in [arcs[0] * 40 + arcs[1]] + arcs.dropFirst(2) {
      var groups = [UInt8(arc & 0x7f)]
      var rest = arc >> 7
      while rest > 0 {
        groups.insert(UInt8(rest & 0x7f) | 0x80, at: 0)
        rest >>= 7
      }
      bytes += groups
    }
    return element(0x06, bytes)
  }

  /// UTCTime up to 2049, GeneralizedTime after it (RFC 5280, 4.1.2.5).
  public static func time(_ seconds: Int64) -> [UInt8] {
    var clock = time_t(seconds)
    var parts = tm()
    gmtime_r(&clock, &parts)
    func two(_ value: Int32) -> String { (value < 10 ? "0" : "") + String(value) }
    let rest = [parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec].map(two).joined() + "Z"
    let year = Int(parts.tm_year) + 1900
    return year < 2050
      ? element(0x17, Array((two(Int32(year % 100)) + rest).utf8)) : element(0x18, Array((String(year) + rest).utf8))
  }

  /// A Name of one organisation and one common name; empty where both are nil.
  public static func name(organization: String? = nil, commonName: String? = nil) -> [UInt8] {
    func part(_ type: String, _ text: String) -> [UInt8] { set(sequence(identifier(type), utf8(text))) }
    return sequence((organization.map { part("2.5.4.10", $0) } ?? []) + (commonName.map { part("2.5.4.3", $0) } ?? []))
  }
}
