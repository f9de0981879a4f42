extension VirtualTSA {
  /// What a stamp is to be; every part of it can be made wrong.
  public struct Request: Sendable {
    /// A signed attribute: type, and the DER of its one value.
    public typealias Attribute = (String, [UInt8])

    public static let contentTypeAttribute = "1.2.840.113549.1.9.3"
    public static let messageDigestAttribute = "1.2.840.113549.1.9.4"
    public static let certificateV1 = "1.2.840.113549.1.9.16.2.12"
    public static let certificateV2 = "1.2.840.113549.1.9.16.2.47"

    /// GeneralizedTime without its `Z`, for example `20231114221320`.
    public var time: String
    public var timeZone = "Z"
    public var infoVersion: UInt64 = 1
    public var imprintHash = HashName.sha256
    /// AlgorithmIdentifier, put in place of that of `imprintHash`.
    public var imprintAlgorithm: [UInt8]?
    /// Put in place of the hash of what is stamped.
    public var imprint: [UInt8]?
    /// DER between time and nonce: accuracy and ordering.
    public var accuracy: [UInt8] = []
    public var nonce: UInt64?
    /// DER behind everything in the TSTInfo: the authority's name, extensions.
    public var infoTail: [UInt8] = []

    public var status: UInt64 = 0
    public var statusText: String?
    /// Of the signed data, and of the signer's information; nil gives the one that goes with the signer's name.
    public var version: UInt64 = 3
    public var signerVersion: UInt64?
    /// AlgorithmIdentifiers, put in place of that of `digestHash` ahead of the content.
    public var listedDigests: [UInt8]?
    public var envelopeType = "1.2.840.113549.1.7.2"
    public var contentType = "1.2.840.113549.1.9.16.1.4"
    /// Certificates that the token brings along, in this order; nil leaves the set out.
    public var certificates: [[UInt8]]? = []
    /// DER of the `[1]`.
    public var revocationLists: [UInt8] = []
    public var signerCount = 1

    /// Of content and attributes.
    public var digestHash = HashName.sha384
    public var signingKey: VirtualKey?
    /// AlgorithmIdentifier, put in place of the one that the key's signature has.
    public var signatureAlgorithm: [UInt8]?
    /// Names the signer by this in place of issuer and serial number.
    public var signerKeyIdentifier: [UInt8]?
    public var signedContentType: String?
    public var messageDigest: [UInt8]?
    public enum Naming: Sendable {
      /// signingCertificate, bound to SHA-1 (RFC 2634, 5.4).
      case firstForm
      /// signingCertificateV2 (RFC 5035, 5.4.1); SHA-256 is not written, as DER asks.
      case secondForm(HashName)
    }
    public var naming = Naming.secondForm(.sha256)
    /// Put in place of the signer's certificate in the signed attribute.
    public var namedCertificate: [UInt8]?
    public var editAttributes: @Sendable (inout [Attribute]) -> Void = { _ in }
    /// DER of the `[1]`.
    public var unsignedAttributes: [UInt8] = []
    public var leftover: [UInt8] = []

    public init(time: String) { self.time = time }
  }
}
