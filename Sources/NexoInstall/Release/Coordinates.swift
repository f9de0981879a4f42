/// What the user asks for: `<owner>/<repo>[@<tag>]`.
public struct Coordinates: Sendable, Hashable {
  public let owner: String
  public let repository: String
  /// As given; `latest` stands for the newest release.
  public let tag: String

  static let newest = "latest"
  /// In bytes; GitHub's own limits are 39, 100 and 255.
  private static let longestName = 100
  private static let longestTag = 255

  public var wantsNewest: Bool { tag == Self.newest }
  public var text: String { "\(owner)/\(repository)@\(tag)" }

  public init(_ text: String) throws(InstallFailure) {
    func refuse(_ reason: String) -> InstallFailure {
      InstallFailure(.coordsInvalid, "plugin coords `\(text)` invalid: \(reason)")
    }
    guard !text.utf8.isEmpty, text.utf8.count <= 1024 else { throw refuse("expected <owner>/<repo>[@<tag>]") }
    let bytes = Array(text.utf8)
    let at = bytes.firstIndex(of: UInt8(ascii: "@"))
    let name = bytes[..<(at ?? bytes.endIndex)]
    guard let slash = name.firstIndex(of: UInt8(ascii: "/")) else { throw refuse("expected <owner>/<repo>[@<tag>]") }
    let owner = name[..<slash]
    let repository = name[(slash + 1)...]
    let tag = at.map { Array(bytes[($0 + 1)...]) } ?? Array(Self.newest.utf8)
    guard !owner.isEmpty, !repository.isEmpty, !tag.isEmpty else {
      throw refuse("owner / repo / tag must not be empty")
    }
    guard owner.allSatisfy(Self.isNameByte), repository.allSatisfy(Self.isNameByte) else {
      throw refuse("owner/repo may only contain [A-Za-z0-9._-]")
    }
    for part in [owner, repository] {
      guard !part.elementsEqual(".".utf8), !part.elementsEqual("..".utf8) else {
        throw refuse("owner and repo may not be `.` or `..`")
      }
      guard part.count <= Self.longestName else { throw refuse("owner or repo is too long") }
    }
    if let reason = Self.reasonAgainst(tag: tag) { throw refuse(reason) }
    self.owner = String(decoding: owner, as: UTF8.self)
    self.repository = String(decoding: repository, as: UTF8.self)
    self.tag = String(decoding: tag, as: UTF8.self)
  }

  /// git-check-ref-format(1) allows none of these, so no release can have them; a slash it does allow.
  static func reasonAgainst(tag: some Collection<UInt8>) -> String? {
    guard tag.count <= longestTag else { return "the tag is too long" }
    guard tag.allSatisfy({ $0 > 0x20 && $0 != 0x7f && !"~^:?*[\\".utf8.contains($0) }) else {
      return "the tag holds a character that git allows in none"
    }
    // Git allows it, but wherever such a tag becomes part of an address, half of the readers take it for a fragment.
    guard !tag.contains(UInt8(ascii: "#")) else { return "the tag holds a `#`" }
    let text = String(decoding: tag, as: UTF8.self)
    guard text.utf8.elementsEqual(tag) else { return "the tag is not UTF-8" }
    let isFine = text.split(separator: "/", omittingEmptySubsequences: false).allSatisfy {
      !$0.isEmpty && !$0.hasPrefix(".") && !$0.hasSuffix(".lock") && !$0.hasSuffix(".") && !$0.contains("..")
    }
    return isFine ? nil : "the tag is none that git allows"
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"): true
    default: false
    }
  }
}

/// Names of GitHub's owners and repositories compare without regard to ASCII case, and to nothing else.
func isSameName(_ left: some StringProtocol, _ right: some StringProtocol) -> Bool {
  left.utf8.elementsEqual(right.utf8) { lowered($0) == lowered($1) }
}

private func lowered(_ byte: UInt8) -> UInt8 { (0x41...0x5a).contains(byte) ? byte | 0x20 : byte }
