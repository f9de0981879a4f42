/// Every flag that the command line may hold: all of cosign's for blobs, and ours.
///
/// What each one means is in `FlagTable`.
enum Flag: String, Sendable, CaseIterable {
  // Global.
  case help, json, timeout, verbose
  case outputFile = "output-file"

  // What is verified.
  case bundle, signature, certificate, key

  // Who is expected.
  case identity = "certificate-identity"
  case identityPattern = "certificate-identity-regexp"
  case issuer = "certificate-oidc-issuer"
  case issuerPattern = "certificate-oidc-issuer-regexp"
  case workflowTrigger = "certificate-github-workflow-trigger"
  case workflowSHA = "certificate-github-workflow-sha"
  case workflowName = "certificate-github-workflow-name"
  case workflowRepository = "certificate-github-workflow-repository"
  case workflowRef = "certificate-github-workflow-ref"

  // Who is believed, and what is asked for.
  case trustedRoot = "trusted-root"
  case staging, offline
  case ignoreSCT = "insecure-ignore-sct"
  case ignoreLog = "insecure-ignore-tlog"
  case privateInfrastructure = "private-infrastructure"
  case newBundleFormat = "new-bundle-format"
  case useSignedTimestamps = "use-signed-timestamps"
  case signatureDigestAlgorithm = "signature-digest-algorithm"

  // Ours.
  case explain
  case report
  case requireInclusionProof = "require-inclusion-proof"
  case writeBundle = "write-bundle"
  case maximumTrustAge = "max-trust-age"
  case checksums
  case minimumLogs = "min-log-entries"
  case minimumTimestamps = "min-timestamps"
  case minimumCertificateLogs = "min-scts"
  case strictTimestamps = "strict-timestamps"
  case witnessKeys = "witness-keys"
  case minimumWitnesses = "min-witnesses"
  case privateDeployment = "private-deployment"
  case deprecatedEntries = "allow-dsse-v002"

  // Accepted, without effect.
  case rekorURL = "rekor-url"
  case maxWorkers = "max-workers"
  case experimentalOCI = "experimental-oci11"

  // Not yet.
  case certificateChain = "certificate-chain"
  case timestampFile = "rfc3161-timestamp"

  // Refused.
  case authorityRoots = "ca-roots"
  case authorityIntermediates = "ca-intermediates"
  case detachedSCT = "sct"
  case securityKey = "sk"
  case slot
  case timestampChain = "timestamp-certificate-chain"
  case allowCertificateChain = "allow-certificate-chain"

  // Of verify-blob-attestation.
  case type
  case checkClaims = "check-claims"
  case digest
  case digestAlgorithm = "digestAlg"

  /// As it is typed.
  var spelled: String { "--" + rawValue }
}

/// One row of `FlagTable`.
struct FlagRow: Sendable {
  enum Kind: Sendable, Hashable {
    /// `--flag`, `--flag=true`, `--flag=false`.
    case toggle
    /// A value in UTF-8, named so in the help.
    case text(String)
    /// A value of any bytes: a path.
    case path(String)
  }

  enum Standing: Sendable, Hashable {
    case supported
    /// Accepted, and said to be without effect; the text says why.
    case ignored(String)
    /// Refused, as ignoring it would change what is trusted; the text says what to do instead. A toggle that is set to
    /// false asks for nothing and is accepted.
    case refused(String)
  }

  let flag: Flag
  let short: Character?
  let kind: Kind
  /// Also in front of the command, and for all of them.
  let isGlobal: Bool
  /// `--flag ''` means something to cosign.
  let mayBeEmpty: Bool
  /// The commands that know it, where it is not global.
  let verbs: Set<Verb>
  let standing: Standing
  /// For the help; nil hides the flag.
  let help: String?

  init(
    _ flag: Flag, _ kind: Kind, _ standing: Standing = .supported, short: Character? = nil, isGlobal: Bool = false,
    mayBeEmpty: Bool = false, verbs: Set<Verb> = [.verifyBlob, .verifyBlobAttestation], help: String? = nil
  ) {
    self.verbs = verbs
    self.flag = flag
    self.kind = kind
    self.standing = standing
    self.short = short
    self.isGlobal = isGlobal
    self.mayBeEmpty = mayBeEmpty
    self.help = help
  }
}
