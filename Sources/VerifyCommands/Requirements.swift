import SigstoreVerify
import WireCoding

/// What evidence the flags ask for beside the signature.
struct Requirements {
  let log: VerificationPolicy.Requirement
  let certificateTimestamp: VerificationPolicy.Requirement
  let minimumLogs: Int
  let minimumTimestamps: Int
  let minimumCertificateLogs: Int
  let refusesUnknownTimestamps: Bool
  let acceptsDeprecatedEntries: Bool
  let signatureHash: HashAlgorithm?
  /// In days.
  let maximumTrustAge: Int?
  let requiresInclusionProof: Bool
  /// `--witness-keys`, and how many of them.
  let witnesses: (file: [UInt8], minimum: Int)?

  init(_ line: ReadCommandLine, _ notices: inout [Notice]) throws(Refusal) {
    let isPrivate = line.isOn(.privateDeployment)
    if isPrivate, !line.has(.trustedRoot) {
      throw .usage(
        "--private-deployment needs --trusted-root",
        advice: "a deployment without logs has its own authorities; name them in a trusted_root.json")
    }
    let ignored = [Flag.ignoreLog, .privateInfrastructure, .privateDeployment].first { line.isOn($0) }
    log = ignored == nil ? .required : .unsafelyIgnored
    certificateTimestamp = line.isOn(.ignoreSCT) || isPrivate ? .unsafelyIgnored : .required
    minimumLogs = try CommandText.count(line, .minimumLogs) ?? 0
    minimumCertificateLogs = try CommandText.count(line, .minimumCertificateLogs) ?? 0
    let wantsTimestamp = isPrivate || line.isOn(.useSignedTimestamps) || line.has(.timestampFile)
    minimumTimestamps = max(try CommandText.count(line, .minimumTimestamps) ?? 0, wantsTimestamp ? 1 : 0)
    refusesUnknownTimestamps = line.isOn(.strictTimestamps)
    acceptsDeprecatedEntries = line.isOn(.deprecatedEntries)
    signatureHash = try CommandText.hash(line, .signatureDigestAlgorithm)
    maximumTrustAge = try CommandText.days(line, .maximumTrustAge)
    requiresInclusionProof = line.isOn(.requireInclusionProof)
    witnesses = try Self.witnesses(line)
    try refuseContradictions(line, ignored)
    if let ignored {
      notices.append(Notice(.logIgnored, "\(ignored.spelled): the verdict does not say that the signature was logged"))
    }
    if certificateTimestamp == .unsafelyIgnored {
      let flag = line.isOn(.ignoreSCT) ? Flag.ignoreSCT : .privateDeployment
      if !line.has(.key) {
        notices.append(
          Notice(
            .certificateTimestampIgnored,
            "\(flag.spelled): the verdict does not say that the certificate was seen by a log"))
      } else if flag == .ignoreSCT {
        notices.append(
          Notice(.flagIgnored, "\(flag.spelled) has no effect: with --key there is no certificate"))
      }
    }
  }

  private func refuseContradictions(_ line: ReadCommandLine, _ ignoresLog: Flag?) throws(Refusal) {
    if let ignoresLog, minimumLogs > 0 || witnesses != nil || requiresInclusionProof {
      throw .usage("\(ignoresLog.spelled) and asking for logs, proofs or witnesses exclude each other")
    }
    if minimumCertificateLogs > 0, certificateTimestamp == .unsafelyIgnored || line.has(.key) {
      throw .usage("\(Flag.minimumCertificateLogs.spelled) asks for what another flag leaves out")
    }
  }

  private static func witnesses(_ line: ReadCommandLine) throws(Refusal) -> (file: [UInt8], minimum: Int)? {
    let minimum = try CommandText.count(line, .minimumWitnesses)
    guard let file = line.bytes(.witnessKeys) else {
      guard minimum == nil else {
        throw .usage("--min-witnesses needs --witness-keys", advice: "name the file with the keys of the witnesses")
      }
      return nil
    }
    return (try localPath(file, .witnessKeys), minimum ?? 1)
  }
}
