/// Nothing that decides a verdict is read from the environment. cosign binds every flag to a variable, and replaces
/// keys by others; whoever relies on that is told.
enum EnvironmentNotices {
  /// Read by cosign for other anchors than Sigstore's own.
  private static let anchors: Set<String> = [
    "SIGSTORE_ROOT_FILE", "SIGSTORE_REKOR_PUBLIC_KEY", "SIGSTORE_CT_LOG_PUBLIC_KEY_FILE",
    "SIGSTORE_TSA_CERTIFICATE_FILE",
  ]

  static func notices(for names: [String]) -> [Notice] {
    let flags = Set(FlagTable.rows.map { "COSIGN_" + variablePart($0.flag) })
    // Each once, in an order that does not change.
    return Set(names).sorted().compactMap { name in
      if anchors.contains(name) {
        return Notice(.environmentIgnored, "\(name) is set and ignored; pass --trusted-root FILE")
      }
      guard flags.contains(name) || name.hasPrefix("COSIGN_INSECURE_") else { return nil }
      return Notice(.environmentIgnored, "\(name) is set and ignored: flags are taken from the command line alone")
    }
  }

  private static func variablePart(_ flag: Flag) -> String {
    String(flag.rawValue.map { $0 == "-" ? "_" : $0 }).uppercased()
  }
}
