/// What the spelling of an RE2 pattern says about it, found in one pass without building a tree.
///
/// Meant for a pattern that RE2 then accepts: of one that RE2 refuses it may say anything.
struct PatternShape {
  private(set) var hasAnyByte = false
  private(set) var hasBareDot = false
  var isAnchored: Bool { startsAtTextStart && lastIsTextEnd && !hasTopLevelBar && !touchesMultiline }

  private var startsAtTextStart = false
  private var lastIsTextEnd = false
  private var hasTopLevelBar = false
  private var touchesMultiline = false

  private enum Element {
    case textStart, textEnd, anyCharacter, anyByte, bar, open, close, repeatSign, other
    /// `(?i)` and the like without a body, or `\Q\E`: a repeat sign behind it repeats what stands before it.
    case nothing
  }

  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    var depth = 0
    var previous: Element?
    while position < bytes.count {
      let element = next()
      lastIsTextEnd = element == .textEnd
      switch element {
      case .textStart: if previous == nil { startsAtTextStart = true }
      case .repeatSign: if previous == .textStart { startsAtTextStart = false }
      case .anyCharacter: if !isRepeatSign(byte(0)) { hasBareDot = true }
      case .anyByte: hasAnyByte = true
      case .bar: if depth == 0 { hasTopLevelBar = true }
      case .open: depth += 1
      case .close: depth -= 1
      case .textEnd, .other, .nothing: break
      }
      if element != .nothing { previous = element }
    }
  }

  private func byte(_ offset: Int) -> UInt8? {
    let index = position + offset
    return index < bytes.count ? bytes[index] : nil
  }

  private func isRepeatSign(_ byte: UInt8?) -> Bool {
    switch byte {
    case UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "?"), UInt8(ascii: "{"): true
    default: false
    }
  }

  private mutating func next() -> Element {
    let first = byte(0)
    switch first {
    case UInt8(ascii: "\\"): return escape()
    case UInt8(ascii: "["): return characterClass()
    case UInt8(ascii: "("): return group()
    default: position += 1
    }
    return switch first {
    case UInt8(ascii: ")"): .close
    case UInt8(ascii: "|"): .bar
    case UInt8(ascii: "."): .anyCharacter
    case UInt8(ascii: "^"): .textStart
    case UInt8(ascii: "$"): .textEnd
    default: isRepeatSign(first) ? .repeatSign : .other
    }
  }

  /// `\` with the character behind it. What `\p{…}` and `\x{…}` hold besides is read as ordinary characters: none of them is a
  /// sign. `\Q` takes all up to `\E` as it stands, backslashes included.
  private mutating func escape() -> Element {
    let name = byte(1)
    position += 2
    switch name {
    case UInt8(ascii: "A"): return .textStart
    case UInt8(ascii: "z"): return .textEnd
    case UInt8(ascii: "C"): return .anyByte
    case UInt8(ascii: "Q"):
      let start = position
      while position < bytes.count {
        if byte(0) == UInt8(ascii: "\\"), byte(1) == UInt8(ascii: "E") {
          position += 2
          return position == start + 2 ? .nothing : .other
        }
        position += 1
      }
      return position == start ? .nothing : .other
    default: return .other
    }
  }

  /// `[…]`: a `]` that comes first stands for itself, as does all of `[:alpha:]`.
  private mutating func characterClass() -> Element {
    position += 1
    if byte(0) == UInt8(ascii: "^") { position += 1 }
    if byte(0) == UInt8(ascii: "]") { position += 1 }
    while let found = byte(0), found != UInt8(ascii: "]") {
      if found == UInt8(ascii: "\\") {
        position += 2
      } else if found == UInt8(ascii: "["), byte(1) == UInt8(ascii: ":"), let end = endOfNamedClass() {
        position = end
      } else {
        position += 1
      }
    }
    position += 1
    return .other
  }

  /// The index behind the `:]` that closes the `[:` at the present place.
  private func endOfNamedClass() -> Int? {
    var index = position + 2
    while index + 1 < bytes.count {
      if bytes[index] == UInt8(ascii: ":"), bytes[index + 1] == UInt8(ascii: "]") { return index + 2 }
      index += 1
    }
    return nil
  }

  /// `(`, `(?flags:`, `(?P<name>` or the whole of `(?flags)`.
  private mutating func group() -> Element {
    guard byte(1) == UInt8(ascii: "?") else {
      position += 1
      return .open
    }
    position += 2
    while let found = byte(0) {
      position += 1
      switch found {
      case UInt8(ascii: "m"): touchesMultiline = true
      case UInt8(ascii: ")"): return .nothing
      case UInt8(ascii: ":"), UInt8(ascii: "<"): return .open
      default: break
      }
    }
    return .open
  }
}
