public import OpenSSLCrypto
public import WireCoding

/// The one name that a Fulcio leaf gives its signer: subjectAltName, RFC 5280, 4.2.1.6.
public struct SubjectName: Sendable, Hashable {
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    case uri = "URI"
    case email = "e-mail"
    /// otherName with Sigstore's own type, 1.3.6.1.4.1.57264.1.7: a user name.
    case userName = "user name"
  }

  public let kind: Kind
  public let text: String

  private static let alternativeName = "2.5.29.17"
  private static let userNameType = "1.3.6.1.4.1.57264.1.7"

  /// Reads what the leaf claims. It is true only where the leaf's chain is trusted.
  ///
  /// Exactly one name, of one of the three kinds, without control characters, in a critical extension.
  public init(claimedBy leaf: Certificate) throws(FulcioFailure) {
    guard let names = leaf.structure.extension(Self.alternativeName) else {
      throw FulcioFailure(.identityMissing, "no subject alternative name")
    }
    // RFC 5280, 4.2.1.6: critical where the subject is empty, and Fulcio leaves it empty.
    guard names.isCritical else { throw FulcioFailure(.identityNotCritical) }
    let name: DERValue
    do throws(CodingFailure) {
      (name, _) = try DER.sequence(names.value) { (list) throws(CodingFailure) in
        guard !list.isAtEnd else { throw CodingFailure(.missingField, "the list of names is empty") }
        let first = try list.read()
        guard list.isAtEnd else { throw CodingFailure(.tooMany, "more than one name") }
        return (first, 0)
      }
    } catch {
      switch error.kind {
      case .missingField: throw FulcioFailure(.identityMissing, error.detail)
      case .tooMany: throw FulcioFailure(.identitySeveralNames)
      default: throw FulcioFailure(.extensionMalformed, "subject alternative name: \(error.detail)")
      }
    }
    switch name.tag {
    case DERTag.context(6, constructed: false): (kind, text) = (.uri, try Self.ascii(name))
    case DERTag.context(1, constructed: false): (kind, text) = (.email, try Self.ascii(name))
    case DERTag.context(0, constructed: true): (kind, text) = (.userName, try Self.userName(name))
    default:
      throw FulcioFailure(
        .identityWrongType, got: "GeneralName of tag \(Hex.encode([name.tag]))", want: "URI, e-mail or user name")
    }
    guard !text.isEmpty else { throw FulcioFailure(.identityMissing, "the name is empty") }
    try checkCharacters(text, "subject alternative name")
  }

  private static func ascii(_ name: DERValue) throws(FulcioFailure) -> String {
    do throws(CodingFailure) { return try name.ia5() } catch {
      throw FulcioFailure(.identityBadCharacter, error.detail)
    }
  }

  /// `OtherName ::= SEQUENCE { type-id OBJECT IDENTIFIER, value [0] EXPLICIT ANY }`, here an UTF8String.
  private static func userName(_ name: DERValue) throws(FulcioFailure) -> String {
    do throws(CodingFailure) {
      var fields = name.reader
      let type = try fields.read(DERTag.objectIdentifier).objectIdentifier()
      guard type == userNameType else { throw CodingFailure(.wrongType, "otherName of type \(type)") }
      var wrapper = try fields.read(DERTag.context(0, constructed: true)).reader
      try fields.finish()
      let text = try wrapper.read(DERTag.utf8String).utf8()
      try wrapper.finish()
      return text
    } catch {
      throw FulcioFailure(error.kind == .wrongType ? .identityWrongType : .extensionMalformed, error.detail)
    }
  }
}

/// Refuses characters that no real name has and that could forge a line of output, or hide in one.
func checkCharacters(_ text: String, _ place: String) throws(FulcioFailure) {
  for scalar in text.unicodeScalars {
    switch scalar.properties.generalCategory {
    // The braille pattern without dots, a symbol that is drawn as nothing.
    case _ where scalar.value == 0x2800, .control, .format, .lineSeparator, .paragraphSeparator, .surrogate:
      throw FulcioFailure(.identityBadCharacter, place, got: "U+" + String(scalar.value, radix: 16, uppercase: true))
    default: break
    }
  }
}
