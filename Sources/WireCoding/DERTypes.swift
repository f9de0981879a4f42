extension DERValue {
  /// X.690, 8.19: arcs in base 128 without leading zeros. Arcs over 64 bits and more than 64 of them are refused.
  public func objectIdentifier() throws(CodingFailure) -> String {
    var text = ""
    var count = 0
    var arc: UInt64 = 0
    var isFresh = true
    for byte in contents {
      if isFresh, byte == 0x80 { throw CodingFailure(.der, "object identifier with a leading zero") }
      guard arc >> 57 == 0 else { throw CodingFailure(.der, "object identifier with a huge arc") }
      arc = arc << 7 | UInt64(byte & 0x7f)
      isFresh = byte < 0x80
      guard isFresh else { continue }
      // The first number holds two arcs.
      guard count < 63 else { throw CodingFailure(.der, "object identifier with more than 64 arcs") }
      if count == 0 {
        let first = min(arc / 40, 2)
        text = "\(first)"
        arc -= first * 40
      }
      text += "."
      text += String(arc)
      count += 1
      arc = 0
    }
    guard isFresh, count > 0 else { throw CodingFailure(.der, "object identifier cut short") }
    return text
  }

  public func boolean() throws(CodingFailure) -> Bool {
    guard let byte = contents.first, contents.count == 1, byte == 0 || byte == 0xff else {
      throw CodingFailure(.der, "BOOLEAN is neither 00 nor FF")
    }
    return byte == 0xff
  }

  /// X.690, 8.3.2: no nine leading bits alike.
  private func checkedInteger() throws(CodingFailure) -> ArraySlice<UInt8> {
    guard let first = contents.first else { throw CodingFailure(.der, "empty INTEGER") }
    if let second = contents.dropFirst().first, first == 0 && second < 0x80 || first == 0xff && second >= 0x80 {
      throw CodingFailure(.der, "INTEGER not in its shortest form")
    }
    return contents
  }

  public func smallInteger() throws(CodingFailure) -> Int64 {
    let bytes = try checkedInteger()
    guard bytes.count <= 8, let first = bytes.first else {
      throw CodingFailure(.numberRange, "INTEGER of \(bytes.count) bytes")
    }
    let sign: UInt64 = first >= 0x80 ? .max : 0
    return Int64(bitPattern: bytes.reduce(sign) { $0 << 8 | UInt64($1) })
  }

  /// Magnitude of a number that is not negative, without the sign byte; zero is one byte.
  public func unsignedIntegerBytes() throws(CodingFailure) -> [UInt8] {
    let bytes = try checkedInteger()
    guard let first = bytes.first, first < 0x80 else { throw CodingFailure(.der, "negative INTEGER") }
    return Array(first == 0 && bytes.count > 1 ? bytes.dropFirst() : bytes)
  }

  public func octets() -> [UInt8] { Array(contents) }

  /// A BIT STRING that is whole bytes.
  public func bitStringOctets() throws(CodingFailure) -> [UInt8] {
    guard contents.first == 0 else { throw CodingFailure(.der, "BIT STRING with unused bits") }
    return Array(contents.dropFirst())
  }

  /// A named bit list (X.690, 11.2.2): unused bits zero, no zero bit at the end.
  public func namedBits() throws(CodingFailure) -> [Bool] {
    guard let unused = contents.first, unused < 8 else {
      throw CodingFailure(.der, "BIT STRING without its first byte")
    }
    let bytes = contents.dropFirst()
    guard let last = bytes.last else {
      guard unused == 0 else { throw CodingFailure(.der, "empty BIT STRING with unused bits") }
      return []
    }
    guard bytes.count <= 8 else { throw CodingFailure(.der, "named bit list of more than 64 bits") }
    guard last & (1 << unused &- 1) == 0, last & (1 << unused) != 0 else {
      throw CodingFailure(.der, "named bit list not in its shortest form")
    }
    var bits: [Bool] = []
    for byte in bytes { bits += (0..<8).map { byte & (0x80 >> UInt8($0)) != 0 } }
    return bits.dropLast(Int(unused))
  }

  public func utf8() throws(CodingFailure) -> String {
    guard let text = String(validating: contents, as: UTF8.self) else { throw CodingFailure(.text, "invalid UTF-8") }
    return text
  }

  /// IA5String: seven bits.
  public func ia5() throws(CodingFailure) -> String {
    guard contents.allSatisfy({ $0 < 0x80 }) else { throw CodingFailure(.text, "a byte outside of ASCII") }
    return String(decoding: contents, as: UTF8.self)
  }

  /// UTCTime or GeneralizedTime as RFC 5280, 4.1.2.5 has them: seconds given, in UTC, by `Z`.
  ///
  /// - Parameter allowingFraction: for the GeneralizedTime of RFC 3161; a fraction must not end in a zero.
  public func time(allowingFraction: Bool = false) throws(CodingFailure) -> UnixTime {
    let failure = CodingFailure(.time, "not a UTC time with seconds")
    guard contents.last == UInt8(ascii: "Z") else { throw failure }
    var digits = contents.dropLast()
    var nanoseconds: UInt32 = 0
    if allowingFraction, tag == DERTag.generalizedTime, let point = digits.firstIndex(of: UInt8(ascii: ".")) {
      guard let value = nanosecondFraction(digits[(point + 1)...]), digits.last != UInt8(ascii: "0") else {
        throw failure
      }
      nanoseconds = value
      digits = digits[..<point]
    }
    guard digits.count == (tag == DERTag.utcTime ? 12 : 14), tag == DERTag.utcTime || tag == DERTag.generalizedTime,
      digits.allSatisfy({ (0x30...0x39).contains($0) })
    else { throw failure }
    func take(_ count: Int) -> Int {
      defer { digits = digits.dropFirst(count) }
      return digits.prefix(count).reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }
    var year = take(tag == DERTag.utcTime ? 2 : 4)
    if tag == DERTag.utcTime { year += year < 50 ? 2000 : 1900 }
    guard
      let time = UnixTime.civil(
        year: year, month: take(2), day: take(2), hour: take(2), minute: take(2), second: take(2)),
      let precise = UnixTime(seconds: time.seconds, nanoseconds: nanoseconds)
    else { throw failure }
    return precise
  }
}
