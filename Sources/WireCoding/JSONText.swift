/// Strings (RFC 8259, 7).
extension JSONScanner {
  mutating func string() throws(CodingFailure) -> String {
    index += 1
    let start = index
    while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 { index += 1 }
    guard let stop = next else { throw failure("a string without end") }
    // A control character is refused there.
    guard stop == UInt8(ascii: "\"") else { return try escapedString(from: start) }
    let text = try text(UnsafeBufferPointer(rebasing: bytes[start..<index]))
    index += 1
    return text
  }

  private func text(_ bytes: some Sequence<UInt8>) throws(CodingFailure) -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw failure("invalid UTF-8 in a string", .text)
    }
    return text
  }

  private mutating func escapedString(from start: Int) throws(CodingFailure) -> String {
    var unescaped = Array(bytes[start..<index])
    while let byte = next {
      guard byte >= 0x20 else { throw failure("a control character in a string") }
      if byte == UInt8(ascii: "\"") {
        let text = try text(unescaped)
        index += 1
        return text
      }
      index += 1
      if byte == UInt8(ascii: "\\") {
        try escape(into: &unescaped)
      } else {
        unescaped.append(byte)
      }
    }
    throw failure("a string without end")
  }

  private mutating func escape(into text: inout [UInt8]) throws(CodingFailure) {
    guard let letter = next else { throw failure("a string without end") }
    let byte: UInt8
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): byte = letter
    case UInt8(ascii: "b"): byte = 0x08
    case UInt8(ascii: "f"): byte = 0x0c
    case UInt8(ascii: "n"): byte = 0x0a
    case UInt8(ascii: "r"): byte = 0x0d
    case UInt8(ascii: "t"): byte = 0x09
    case UInt8(ascii: "u"):
      index += 1
      text.append(contentsOf: try unicodeEscape().utf8)
      return
    default: throw failure("an unknown escape")
    }
    index += 1
    text.append(byte)
  }

  /// Characters beyond the basic plane come as a pair of surrogates; a lone one is no character.
  private mutating func unicodeEscape() throws(CodingFailure) -> Unicode.Scalar {
    var code = try fourHexDigits()
    if (0xd800..<0xdc00).contains(code), next == UInt8(ascii: "\\") {
      index += 1
      guard next == UInt8(ascii: "u") else { throw failure("a lone surrogate") }
      index += 1
      let low = try fourHexDigits()
      guard (0xdc00..<0xe000).contains(low) else { throw failure("a lone surrogate") }
      code = 0x10000 + (code - 0xd800) << 10 + (low - 0xdc00)
    }
    guard let scalar = Unicode.Scalar(code) else { throw failure("a lone surrogate") }
    return scalar
  }

  private mutating func fourHexDigits() throws(CodingFailure) -> UInt32 {
    var code: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = next else { throw failure("a string without end") }
      guard let digit = Hex.value(byte) else { throw failure("an unknown escape") }
      code = code << 4 | UInt32(digit)
      index += 1
    }
    return code
  }
}
