/// RFC 4648, 4: the standard alphabet, padding required, no white space, and no bits set in the unused tail, so that
/// one byte string has one text.
public enum Base64 {
  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  /// Value of each ASCII byte; 0xff for bytes outside the alphabet.
  private static let values: [UInt8] = {
    var table = [UInt8](repeating: 0xff, count: 256)
    for (value, byte) in alphabet.enumerated() { table[Int(byte)] = UInt8(value) }
    return table
  }()

  public static func decode(_ text: String) throws(CodingFailure) -> [UInt8] {
    var text = text
    return try result(text.withUTF8(decoded))
  }

  public static func decode(_ text: some Collection<UInt8>) throws(CodingFailure) -> [UInt8] {
    if let bytes = text.withContiguousStorageIfAvailable(decoded) { return try result(bytes) }
    return try result(Array(text).withUnsafeBufferPointer(decoded))
  }

  private static func result(_ bytes: [UInt8]?) throws(CodingFailure) -> [UInt8] {
    guard let bytes else { throw CodingFailure(.base64, "not strict base64") }
    return bytes
  }

  private static func decoded(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
    guard text.count % 4 == 0 else { return nil }
    guard !text.isEmpty else { return [] }
    let padding = text[text.count - 1] != 0x3d ? 0 : text[text.count - 2] != 0x3d ? 1 : 2
    let length = text.count / 4 * 3 - padding
    var failed = false
    let bytes = [UInt8](unsafeUninitializedCapacity: length) { output, count in
      values.withUnsafeBufferPointer { table in
        var written = 0
        var invalid: UInt8 = 0
        // Every group of four is whole but the last, which may hold padding.
        for group in 0..<(text.count / 4) {
          let isLast = group == text.count / 4 - 1
          let kept = isLast ? 4 - padding : 4
          var word: UInt32 = 0
          for offset in 0..<4 {
            let value = offset < kept ? table[Int(text[group * 4 + offset])] : 0
            invalid |= value & 0xc0
            word = word << 6 | UInt32(value & 0x3f)
          }
          if kept == 4 {
            output[written] = UInt8(truncatingIfNeeded: word >> 16)
            output[written + 1] = UInt8(truncatingIfNeeded: word >> 8)
            output[written + 2] = UInt8(truncatingIfNeeded: word)
            written += 3
          } else {
            // The bits that no byte takes up must be zero.
            if word & (padding == 1 ? 0xff : 0xffff) != 0 { invalid = 0xff }
            output[written] = UInt8(truncatingIfNeeded: word >> 16)
            if padding == 1 { output[written + 1] = UInt8(truncatingIfNeeded: word >> 8) }
            written += 3 - padding
          }
        }
        failed = invalid != 0
        count = written
      }
    }
    return failed ? nil : bytes
  }

  public static func encode(_ bytes: [UInt8]) -> String {
    let length = (bytes.count + 2) / 3 * 4
    return String(unsafeUninitializedCapacity: length) { output in
      alphabet.withUnsafeBufferPointer { alphabet in
        var written = 0
        var index = 0
        while index < bytes.count {
          let left = bytes.count - index
          let word =
            UInt32(bytes[index]) << 16 | (left > 1 ? UInt32(bytes[index + 1]) << 8 : 0)
            | (left > 2 ? UInt32(bytes[index + 2]) : 0)
          for offset in 0..<4 {
            let isPadding = offset > left
            output[written + offset] = isPadding ? 0x3d : alphabet[Int(word >> (18 - 6 * UInt32(offset)) & 0x3f)]
          }
          written += 4
          index += 3
        }
      }
      return length
    }
  }
}

/// Base 16. Decoding takes both cases; encoding gives lower case.
public enum Hex {
  public static func decode(_ text: String) throws(CodingFailure) -> [UInt8] {
    let digits = Array(text.utf8)
    guard digits.count % 2 == 0 else { throw CodingFailure(.hex, "odd number of hex digits") }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(digits.count / 2)
    var high: UInt8?
    for digit in digits {
      guard let value = value(digit) else { throw CodingFailure(.hex, "not a hex digit") }
      if let first = high {
        bytes.append(first << 4 | value)
        high = nil
      } else {
        high = value
      }
    }
    return bytes
  }

  static func value(_ digit: UInt8) -> UInt8? {
    switch digit {
    case 0x30...0x39: digit - 0x30
    case 0x41...0x46: digit - 0x41 + 10
    case 0x61...0x66: digit - 0x61 + 10
    default: nil
    }
  }

  public static func encode(_ bytes: some Collection<UInt8>) -> String {
    let digits: StaticString = "0123456789abcdef"
    return String(unsafeUninitializedCapacity: bytes.count * 2) { output in
      var written = 0
      for byte in bytes {
        output[written] = digits.utf8Start[Int(byte >> 4)]
        output[written + 1] = digits.utf8Start[Int(byte & 0xf)]
        written += 2
      }
      return written
    }
  }
}
