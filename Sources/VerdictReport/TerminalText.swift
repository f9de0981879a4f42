/// Makes untrusted text fit for a terminal: file names, arguments, and whatever comes out of files and certificates.
package enum Terminal {
  /// In characters. Enough for a name with its want beside it on a screen; the longest real one has some 700.
  package static let longestValue = 300

  /// The text with everything that could move a cursor, start a line, hide or reorder text as `\u{…}`.
  ///
  /// Escaped are the Unicode categories Cc (C0, DEL and C1), Cf (the bidirectional and zero-width characters among
  /// them), Zl, Zp, Cs, Co and Cn, every blank but the plain space, and the characters that are drawn as nothing.
  package static func escaped(_ text: some StringProtocol) -> String {
    // Nearly all text is plain, and the table of categories costs more than this look.
    if text.utf8.allSatisfy({ (0x20...0x7e).contains($0) }) { return String(text) }
    var result = ""
    result.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      if isHarmless(scalar) {
        result.unicodeScalars.append(scalar)
      } else {
        result += "\\u{" + String(scalar.value, radix: 16) + "}"
      }
    }
    return result
  }

  /// The same for a text of several lines of ours.
  package static func escaped(lines text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { escaped($0) }.joined(separator: "\n")
  }

  /// The same for bytes that should be UTF-8, such as a path. Where they are not, each byte outside ASCII is given as
  /// `\x{…}`.
  package static func escaped(bytes: some Collection<UInt8>) -> String {
    if let text = String(validating: bytes, as: UTF8.self) { return escaped(text) }
    var result = ""
    for byte in bytes {
      result += byte < 0x80 ? escaped(String(Unicode.Scalar(byte))) : "\\x{" + String(byte, radix: 16) + "}"
    }
    return result
  }

  /// Escaped, and cut at ``longestValue`` characters.
  package static func value(_ text: String) -> String {
    escaped(cut(text, longestValue))
  }

  /// Escaped and cut, in quotation marks that the text cannot close.
  package static func quoted(_ text: String) -> String { quoted(whole: value(text)) }

  /// The same for a text that is escaped already, however long.
  package static func quoted(whole text: String) -> String {
    // By scalars: a quotation mark with an accent is another character, and looks the same.
    let parts = text.unicodeScalars.split(separator: "\"", omittingEmptySubsequences: false)
    return "\"" + parts.map { String($0) }.joined(separator: "\\u{22}") + "\""
  }

  /// Cuts by scalars: one character may be a base with any number of marks.
  package static func cut(_ text: String, _ limit: Int) -> String {
    let scalars = text.unicodeScalars
    guard let end = scalars.index(scalars.startIndex, offsetBy: limit, limitedBy: scalars.endIndex),
      end != scalars.endIndex
    else { return text }
    return String(scalars[..<end]) + "…"
  }

  package static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
    if (0x20...0x7e).contains(scalar.value) { return true }
    // The braille pattern without dots: a symbol by its category, a blank to the eye.
    if scalar.value == 0x2800 { return false }
    let properties = scalar.properties
    switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned, .spaceSeparator:
      return false
    default:
      // Fillers and variation selectors: letters and marks that are drawn as nothing.
      return !properties.isDefaultIgnorableCodePoint
    }
  }
}
