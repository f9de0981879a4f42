public import WireCoding

extension WebURL {
  /// This URL with further path segments and a query.
  ///
  /// Of each segment, name and value every byte of its UTF-8 is percent-encoded except RFC 3986's unreserved ones
  /// (section 2.3), so that none can begin a new segment, a query or a fragment. Refused with `badURL`: an empty
  /// segment, `.`, `..`, and anything behind a URL that has a query already.
  public func appending(
    segments: [String], query: [(name: String, value: String)] = []
  ) throws(TransportFailure) -> WebURL {
    guard self.query == nil else {
      throw TransportFailure(.badURL, "a query before the path is complete", place: withoutQuery)
    }
    var joined = text
    if !segments.isEmpty, joined.utf8.last == UInt8(ascii: "/") { joined.removeLast() }
    for segment in segments {
      guard !segment.isEmpty, segment != ".", segment != ".." else {
        throw TransportFailure(.badURL, "a path segment", got: segment, want: "not empty, not . and not ..")
      }
      joined += "/" + segment.percentEncoded
    }
    let fields = query.map { $0.name.percentEncoded + "=" + $0.value.percentEncoded }
    if !fields.isEmpty { joined += "?" + fields.joined(separator: "&") }
    return try WebURL(joined)
  }
}

extension UInt8 {
  var isLetterOrDigit: Bool {
    switch self {
    case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
    default: false
    }
  }

  var isHexDigit: Bool {
    switch self {
    case 0x30...0x39, 0x41...0x46, 0x61...0x66: true
    default: false
    }
  }

  var lowerCased: UInt8 { (0x41...0x5a).contains(self) ? self | 0x20 : self }
}

extension String {
  /// Equal byte for byte, except for the case of ASCII letters.
  func isSameASCII(as other: String) -> Bool {
    utf8.lazy.map(\.lowerCased).elementsEqual(other.utf8.lazy.map(\.lowerCased))
  }

  /// With ASCII letters in lower case and every other byte as it is.
  var lowerCasedASCII: String { String(decoding: utf8.map(\.lowerCased), as: UTF8.self) }

  fileprivate var percentEncoded: String {
    let digits = Array("0123456789ABCDEF".utf8)
    var encoded: [UInt8] = []
    for byte in utf8 {
      switch byte {
      case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
        encoded.append(byte)
      case _ where byte.isLetterOrDigit:
        encoded.append(byte)
      default:
        encoded += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: encoded, as: UTF8.self)
  }
}
