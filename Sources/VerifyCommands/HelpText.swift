/// The help, made of `FlagTable`.
enum HelpText {
  static func text(for verb: Verb?) -> String {
    switch verb {
    case .verifyBlob: verifyBlob
    case .version, .help, nil: program
    }
  }

  private static var program: String {
    """
    Verifies Sigstore signatures over files, offline.

    Usage:
      nexo-verify [global flags] COMMAND [flags]

    Commands:
      verify-blob   verify the signature of a file; takes cosign's flags
      version       say the versions of the program, of libcrypto and of the embedded trusted roots
      help          this text, or that of a command: nexo-verify help verify-blob

    Global flags:
    \(list { $0.isGlobal })
    Exit status: 0 verified, 1 untrusted, 2 wrong usage, 3 malformed input, 4 a file or the output failed.
    Run by the name of cosign (a link): 0 or 1.

    """
  }

  private static var verifyBlob: String {
    """
    Verifies that an expected signer signed a file and that the signature was logged. Uses no network.

    Usage:
      nexo-verify verify-blob --bundle FILE --certificate-identity NAME --certificate-oidc-issuer URL BLOB
      nexo-verify verify-blob --bundle FILE --key FILE BLOB

    BLOB is a path, - for standard input, or a digest: sha256:HEX, sha384:HEX, sha512:HEX. Flags stand before or
    behind it, as --flag value or --flag=value, and end at --.

    Flags:
    \(list { !$0.isGlobal })
    Global flags:
    \(list { $0.isGlobal })
    Says "Verified OK" on standard error and exits with 0; or says why not, and exits with 1 untrusted, 2 wrong usage,
    3 malformed input, 4 a file failed. Run by the name of cosign (a link): 0 or 1.

    """
  }

  /// Two lines for each flag: how it is written, and what it does.
  private static func list(_ isListed: (FlagRow) -> Bool) -> String {
    FlagTable.rows.filter(isListed).compactMap { row -> String? in
      guard let help = row.help else { return nil }
      let short = row.short.map { "-\($0), " } ?? ""
      let value =
        switch row.kind {
        case .toggle: ""
        case .text(let name), .path(let name): " \(name)"
        }
      return "  \(short)\(row.flag.spelled)\(value)\n        \(help)\n"
    }.joined()
  }
}
