/// Bytes that are not what their encoding asks for. The modules above give it a stable code.
public struct CodingFailure: Error, Sendable, Hashable {
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    case json, duplicateKey, tooDeep, tooLarge, tooMany, missingField, wrongType, numberRange
    case base64, hex, pem, der, tls, time, text
  }

  public let kind: Kind
  public let detail: String
  /// `$.a.b[0]` for a JSON field; nil where the bytes have no name.
  public let place: String?

  public init(_ kind: Kind, _ detail: String, place: String? = nil) {
    self.kind = kind
    self.detail = detail
    self.place = place
  }

  /// The same refusal, at a place that only the caller knows.
  public func at(_ place: String) -> CodingFailure {
    CodingFailure(kind, detail, place: place + (self.place.map { ": " + $0 } ?? ""))
  }
}
