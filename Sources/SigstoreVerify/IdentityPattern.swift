import CRE2
public import WireCoding

/// A regular expression over a certificate's name or issuer, with the meaning it has for Go's `regexp.MatchString`
/// and so for cosign.
///
/// The syntax is RE2's, case-sensitive, over Unicode code points. A search is unanchored: `example` matches every text
/// that holds it. `$` without `(?m)` is the end of the text, never the place before a last newline. The time of a search is
/// linear in the text.
///
/// Two patterns are equal if their texts hold the same bytes.
///
/// What it does not do: an unanchored pattern is not refused, only told apart by ``isAnchored`` and ``hasBareDot``, so
/// that a caller can warn.
public final class IdentityPattern: @unchecked Sendable, Hashable, CustomStringConvertible {
  /// In UTF-8 bytes. A fully spelled GitHub workflow name is at most about 700 (owner 39, repository 100, workflow file 255
  /// and ref 255 characters, with the fixed parts between them), the longest name that Fulcio puts into a certificate;
  /// the rest is room for escaped dots, classes and anchors.
  public static let maxLength = 1000

  /// In bytes, RE2's default: the compiled programs and the caches of their automata together. A pattern that needs more is
  /// refused when it is read; a search that needs more falls back to RE2's slower, still linear, engine.
  static let maxMemory = 8 << 20

  public let text: String

  /// Whether the pattern can match only from one end of the text to the other, as far as its spelling tells.
  ///
  /// The rule: it begins with `^` or `\A` (flag groups such as `(?i)` may stand before), it ends with `$` or `\z`, neither of
  /// the two is repeated (`^*` matches anywhere), it has no `|` outside all groups, and no group sets or clears the flag `m`.
  /// True is therefore certain; false may be said of a pattern that is anchored in some other way.
  public let isAnchored: Bool

  /// Whether it holds a `.` that matches one arbitrary character: outside of a class, not escaped or quoted, and not followed by
  /// `*`, `+`, `?` or `{`. In a name that is most often a dot which was meant to be itself (`github.com`).
  public let hasBareDot: Bool

  private let compiled: OpaquePointer

  /// Compiles `text`.
  ///
  /// Refused beside what Go refuses: the empty pattern, a pattern over ``maxLength`` bytes, NUL bytes, and `(?<name>…)`,
  /// which only newer versions of RE2 read. `\C` is RE2's own addition to Go's syntax: it matches half of a character,
  /// and is refused as Go refuses it.
  public init(_ text: String) throws(PatternFailure) {
    guard !text.isEmpty else { throw PatternFailure(.empty) }
    let length = text.utf8.count
    guard length <= Self.maxLength else {
      throw PatternFailure(.tooLong, got: "\(length) bytes", want: "at most \(Self.maxLength) bytes")
    }
    let bytes = [UInt8](text.utf8)
    guard !bytes.contains(0) else { throw PatternFailure(.invalid, "it holds a NUL byte") }
    let shape = PatternShape(bytes)
    guard !shape.hasAnyByte else { throw PatternFailure(.invalid, "invalid escape sequence: \\C", got: text) }

    var reason = [CChar](repeating: 0, count: 256)
    let compiled = bytes.withUnsafeBytes { pattern in
      reason.withUnsafeMutableBufferPointer { reason in
        pattern.withMemoryRebound(to: CChar.self) { pattern in
          pattern.baseAddress.flatMap { start in
            reason.baseAddress.flatMap { cre2_compile(start, pattern.count, Self.maxMemory, $0, reason.count) }
          }
        }
      }
    }
    guard let compiled else {
      let told = reason.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
      throw PatternFailure(.invalid, String(decoding: told, as: UTF8.self), got: text)
    }
    self.text = text
    self.compiled = compiled
    isAnchored = shape.isAnchored
    hasBareDot = shape.hasBareDot
  }

  deinit { cre2_free(compiled) }

  /// Whether the pattern matches anywhere in `text`. A NUL in `text` is a character like any other; a search that runs out of
  /// memory is no match.
  public func matches(_ text: String) -> Bool {
    var text = text
    return text.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) { bytes in
        guard let start = bytes.baseAddress else { return cre2_search(compiled, "", 0) }
        return cre2_search(compiled, start, bytes.count)
      }
    }
  }

  public var description: String { text }

  // By bytes: `String` compares by canonical equivalence, RE2 by code points.
  public static func == (left: IdentityPattern, right: IdentityPattern) -> Bool {
    left.text.utf8.elementsEqual(right.text.utf8)
  }

  public func hash(into hasher: inout Hasher) {
    for byte in text.utf8 { hasher.combine(byte) }
  }
}
