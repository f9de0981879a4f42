/// The narrowest pattern by which a policy can name a signer.
public enum TightPattern {
  /// For a GitHub workflow at a version's tag: that very workflow at any version's tag. For any other name: that name alone. Anchored at
  /// both ends, every character outside of letters, digits and a few signs escaped.
  public static func of(_ identity: String) -> String {
    if let at = identity.range(of: "@refs/tags/v"), isVersion(identity[at.upperBound...]) {
      return "^" + quoted(identity[..<at.lowerBound]) + "@refs/tags/v[0-9]+\\.[0-9]+\\.[0-9]+[0-9A-Za-z.+-]*$"
    }
    return "^" + quoted(identity[...]) + "$"
  }

  /// Three numbers, and whatever a pre-release or a build may add.
  private static func isVersion(_ text: Substring) -> Bool {
    let core = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    let numbers = core.split(separator: ".", omittingEmptySubsequences: false)
    return numbers.count >= 3 && numbers.prefix(3).allSatisfy { !$0.isEmpty }
      && text.utf8.allSatisfy { byte in
        (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
          || ".+-".utf8.contains(byte)
      }
  }

  /// As Go's QuoteMeta; characters that have no place in a workflow's address are given by number.
  public static func quoted(_ text: some StringProtocol) -> String {
    text.unicodeScalars.map { scalar in
      switch scalar {
      case "a"..."z", "A"..."Z", "0"..."9", "/", ":", "@", "_", "-", "%": String(scalar)
      case _ where scalar.isASCII && scalar.value > 0x20 && scalar.value < 0x7f && scalar != "'": "\\" + String(scalar)
      default: "\\x{" + String(scalar.value, radix: 16) + "}"
      }
    }.joined()
  }
}

extension StringProtocol {
  /// Of an ASCII text, by bytes; nil where it is not there.
  fileprivate func range(of text: StaticString) -> Range<String.Index>? {
    let wanted = text.withUTF8Buffer { Array($0) }
    let own = Array(utf8)
    guard own.count >= wanted.count else { return nil }
    for start in stride(from: own.count - wanted.count, through: 0, by: -1)
    where own[start..<(start + wanted.count)].elementsEqual(wanted) {
      let lower = utf8.index(startIndex, offsetBy: start)
      return lower..<utf8.index(lower, offsetBy: wanted.count)
    }
    return nil
  }
}
