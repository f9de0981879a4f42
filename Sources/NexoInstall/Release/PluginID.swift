/// A plugin's id, checked before it becomes part of a path, an address or a subject: `^[a-z][a-z0-9_-]{0,63}$`.
public struct PluginID: Sendable, Hashable {
  public let text: String

  public init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard let first = bytes.first, bytes.count <= 64, Self.isLetter(first),
      bytes.allSatisfy({ Self.isLetter($0) || (0x30...0x39).contains($0) || $0 == 0x5f || $0 == 0x2d })
    else { return nil }
    self.text = text
  }

  private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7a).contains(byte) }
}
