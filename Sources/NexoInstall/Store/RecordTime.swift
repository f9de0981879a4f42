import WireCoding

extension UnixTime {
  /// As nexo-rs writes a time into its record: RFC 3339 in UTC with nine digits and `+00:00`.
  var recordText: String {
    let digits = String(nanoseconds)
    return UnixTime(seconds: seconds).rfc3339.dropLast() + "." + String(repeating: "0", count: 9 - digits.count)
      + digits
      + "+00:00"
  }
}
