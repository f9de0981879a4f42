/// Tags of the types that certificates, keys and timestamps are made of (X.690, 8).
public enum DERTag {
  public static let boolean: UInt8 = 0x01
  public static let integer: UInt8 = 0x02
  public static let bitString: UInt8 = 0x03
  public static let octetString: UInt8 = 0x04
  public static let null: UInt8 = 0x05
  public static let objectIdentifier: UInt8 = 0x06
  public static let utf8String: UInt8 = 0x0c
  public static let printableString: UInt8 = 0x13
  public static let ia5String: UInt8 = 0x16
  public static let utcTime: UInt8 = 0x17
  public static let generalizedTime: UInt8 = 0x18
  public static let sequence: UInt8 = 0x30
  public static let set: UInt8 = 0x31

  /// A context tag; numbers up to 30.
  public static func context(_ number: UInt8, constructed: Bool) -> UInt8 {
    0x80 | (constructed ? 0x20 : 0) | (number & 0x1f)
  }
}

/// One element: its tag and where it lies.
public struct DERValue: Sendable {
  public let tag: UInt8
  public let contents: ArraySlice<UInt8>
  /// Tag, length and contents.
  public let encoding: ArraySlice<UInt8>

  /// Reads the contents as elements.
  public var reader: DERReader { DERReader(contents) }
}

/// A cursor over DER (X.690, 10): definite lengths in their shortest form, tags of one byte. It never recurses, so depth costs nothing.
public struct DERReader: Sendable {
  private var rest: ArraySlice<UInt8>

  public init(_ bytes: [UInt8]) { rest = bytes[...] }
  public init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  public var isAtEnd: Bool { rest.isEmpty }
  public var nextTag: UInt8? { rest.first }

  public mutating func read() throws(CodingFailure) -> DERValue {
    guard let tag = rest.first else { throw CodingFailure(.der, "an element is missing") }
    guard tag & 0x1f != 0x1f else { throw CodingFailure(.der, "a tag of more than one byte") }
    var body = rest.dropFirst()
    guard let first = body.popFirst() else { throw CodingFailure(.der, "an element without length") }
    var length = Int(first)
    if first >= 0x80 {
      let count = Int(first & 0x7f)
      // 0x80 is the indefinite form. Four bytes are more than any limit on input here.
      guard (1...4).contains(count), body.count >= count else { throw CodingFailure(.der, "length of \(count) bytes") }
      length = body.prefix(count).reduce(0) { $0 << 8 | Int($1) }
      guard length >= 0x80, body.first != 0 else { throw CodingFailure(.der, "length not in its shortest form") }
      body = body.dropFirst(count)
    }
    guard length <= body.count else { throw CodingFailure(.der, "length \(length) with \(body.count) bytes left") }
    let contents = body.prefix(length)
    let value = DERValue(tag: tag, contents: contents, encoding: rest[rest.startIndex..<contents.endIndex])
    rest = rest[contents.endIndex...]
    return value
  }

  public mutating func read(_ tag: UInt8) throws(CodingFailure) -> DERValue {
    guard rest.first == tag else {
      let found = rest.first.map { Hex.encode([$0]) } ?? "nothing"
      throw CodingFailure(.der, "tag \(Hex.encode([tag])) is due, found \(found)")
    }
    return try read()
  }

  public mutating func readIfPresent(_ tag: UInt8) throws(CodingFailure) -> DERValue? {
    rest.first == tag ? try read() : nil
  }

  /// Throws where bytes are left over.
  public func finish() throws(CodingFailure) {
    guard rest.isEmpty else { throw CodingFailure(.der, "\(rest.count) bytes left over") }
  }
}

public enum DER {
  /// Reads a SEQUENCE that is the whole of `bytes`; what `body` leaves unread is refused.
  public static func sequence<T>(
    _ bytes: [UInt8], _ body: (inout DERReader) throws(CodingFailure) -> T
  ) throws(CodingFailure) -> T {
    var outer = DERReader(bytes)
    var inner = try outer.read(DERTag.sequence).reader
    try outer.finish()
    let result = try body(&inner)
    try inner.finish()
    return result
  }

  public static func encode(_ tag: UInt8, _ contents: [UInt8]) -> [UInt8] {
    var encoding: [UInt8] = [tag]
    encoding.reserveCapacity(contents.count + 6)
    if contents.count < 0x80 {
      encoding.append(UInt8(contents.count))
    } else {
      var length: [UInt8] = []
      var rest = contents.count
      while rest > 0 {
        length.append(UInt8(truncatingIfNeeded: rest))
        rest >>= 8
      }
      encoding.append(0x80 | UInt8(truncatingIfNeeded: length.count))
      encoding += length.reversed()
    }
    return encoding + contents
  }
}
