/// A JSON text under construction: members keep their order, and any of them can be replaced or taken away.
public indirect enum JSONDraft: Sendable {
  case object([(String, JSONDraft)])
  case array([JSONDraft])
  case text(String)
  /// As it is, well-formed or not.
  case raw(String)

  public static func base64(_ bytes: [UInt8]) -> JSONDraft { .text(Encoding.base64(bytes)) }

  public var rendered: String {
    switch self {
    case .object(let members):
      "{" + members.map { Self.quoted($0.0) + ":" + $0.1.rendered }.joined(separator: ",") + "}"
    case .array(let elements): "[" + elements.map(\.rendered).joined(separator: ",") + "]"
    case .text(let text): Self.quoted(text)
    case .raw(let text): text
    }
  }

  public var bytes: [UInt8] { Array(rendered.utf8) }

  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for character in text.unicodeScalars {
      switch character {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case _ where character.value < 0x20: quoted += "\\u00" + Encoding.hex([UInt8(character.value)])
      default: quoted.unicodeScalars.append(character)
      }
    }
    return quoted + "\""
  }

  /// The value at a path such as `verificationMaterial.tlogEntries.0.logIndex`; setting nil takes it away, setting an absent one
  /// adds it at the end. A step that leads nowhere is a mistake of the test.
  public subscript(path: String) -> JSONDraft? {
    get { value(path.split(separator: ".").map(String.init)[...]) }
    set { set(path.split(separator: ".").map(String.init)[...], newValue) }
  }

  private func value(_ path: ArraySlice<String>) -> JSONDraft? {
    guard let step = path.first else { return self }
    switch self {
    case .object(let members): return members.first { $0.0 == step }?.1.value(path.dropFirst())
    case .array(let elements):
      return Int(step).flatMap { elements.indices.contains($0) ? elements[$0] : nil }?.value(path.dropFirst())
    default: return nil
    }
  }

  private mutating func set(_ path: ArraySlice<String>, _ new: JSONDraft?) {
    guard let step = path.first else { preconditionFailure("an empty path") }
    let isLast = path.count == 1
    switch self {
    case .object(var members):
      if let position = members.firstIndex(where: { $0.0 == step }) {
        if !isLast {
          members[position].1.set(path.dropFirst(), new)
        } else if let new {
          members[position].1 = new
        } else {
          members.remove(at: position)
        }
      } else if isLast {
        if let new { members.append((step, new)) }
      } else {
        preconditionFailure("no member \(step)")
      }
      self = .object(members)
    case .array(var elements):
      guard let position = Int(step), elements.indices.contains(position) else {
        preconditionFailure("no element \(step)")
      }
      if !isLast {
        elements[position].set(path.dropFirst(), new)
      } else if let new {
        elements[position] = new
      } else {
        elements.remove(at: position)
      }
      self = .array(elements)
    default: preconditionFailure("\(step) leads into a plain value")
    }
  }
}
