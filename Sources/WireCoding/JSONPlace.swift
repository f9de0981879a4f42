/// Where a value stands, as a path from it to the root; rendered only for a message.
final class JSONPlace: Sendable {
  enum Step: Sendable { case field(String), element(Int) }
  private let parent: JSONPlace?
  private let step: Step

  init(_ parent: JSONPlace?, _ step: Step) {
    self.parent = parent
    self.step = step
  }

  /// For example `$.tlogEntries[0].logIndex`; names that are no plain identifiers as `["…"]`.
  var text: String {
    let front = parent?.text ?? "$"
    switch step {
    case .element(let index): return "\(front)[\(index)]"
    case .field(let name):
      return JSONName(name).isPlain ? "\(front).\(name)" : "\(front)[\"\(JSONName(name).excerpt)\"]"
    }
  }
}

/// A member's name, equal by its code units. `==` of `String` goes by canonical equivalence, where U+212A passes for `K`:
/// a file could then hold a name that we take for `publicKey` and others do not.
public struct JSONName: Hashable, Sendable {
  public let text: String

  public init(_ text: String) { self.text = text }

  public static func == (left: JSONName, right: JSONName) -> Bool {
    left.text.utf8.count == right.text.utf8.count && left.text.utf8.elementsEqual(right.text.utf8)
  }

  public func hash(into hasher: inout Hasher) {
    var text = text
    text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
  }

  fileprivate var isPlain: Bool {
    guard (1...64).contains(text.utf8.count) else { return false }
    return text.utf8.allSatisfy { byte in
      byte == 0x5f || (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
    }
  }

  /// At most 64 characters, in ASCII, with quotes and controls escaped: what a hostile name can put into a message.
  var excerpt: String {
    text.unicodeScalars.prefix(64).map { $0.escaped(asASCII: true) }.joined()
  }
}
