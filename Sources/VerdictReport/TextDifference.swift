/// Where two texts part, for people who have to find out why a name was refused.
package enum TextDifference {
  /// Both texts under each other, and a mark under the first character that differs. Nothing where they are equal.
  package static func lines(got: String, want: String) -> [String] {
    let (got, want) = (Terminal.escaped(got), Terminal.escaped(want))
    let same = zip(got.unicodeScalars, want.unicodeScalars).prefix { $0 == $1 }.count
    guard got != want || same < max(got.unicodeScalars.count, want.unicodeScalars.count) else { return [] }
    let mark = String(repeating: " ", count: same) + "^ here they part, at character \(same + 1)"
    return ["got:  " + got, "want: " + want, "      " + mark]
  }
}
