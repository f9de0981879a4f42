// Keys for tests alone: anybody can read them here, so nothing that they sign is worth anything.

/// PKCS#8 in base64. RSA keys cannot be derived from a seed in reasonable time.
enum FixedRSAKey {
  static let bits2048 = """
    MIIEvAIBADANBgkqhkiG9w0BAQEFAASCBKYwggSiAgEAAoIBAQDWALN5oPYCnz9wh4fZzA1q4qdmtdrBkST6quccPKaygGbThTGp\
    v7BjyOh7fWsz0IgLFWGJJDko1n8mm883jUNNSaHQ7h2e4009LJcVIasxqV6Ne/OmzMmSSYkukOyLQBPBwiXItGZB15PgsZKu1Vlv\
    xj5kIQq7EQHOEvZw/upmLsIDb9ctqjDcIy4BAn/ZRaub05uoGGDdk7Sw0U5Xw5NiEl1Oz7AtEmxZK56T1wxucUdc3oPxeqrDJrjM\
    TNvQxxMRVMsWa+WLSOOFsvcJDlULCMatelfQ1+6C9n2Bcr4I6mabnZoESQ28SFmolAKd41A3RQWBMI5JY4W1xWb0p/IXAgMBAAEC\
    ggEAUCy5EMNeB4Nz+Au+uLk6+aVqxA8zortnGEZ5CVortcpnO621+nuncOrvNny5chMZNNXQ0dlxVLxvrJ5JFu3kngsNBcJ/9GwC\
    Hv4aqD8R7SwgEW+zy/UDO7wzGfAPvufFvxymnTgA64ABlffRFZE2zap+63J5m7X2cCcojxLh7F++tkJ9kbkZ6WfEyLX0tWVPVmzW\
    WtTmw4BV9tmP8/lFktNUVjYhwGONkqzOgIgDnLMhbS2APzsQfN1ItjtbzmmWXAWf7EibXeq38T4u7tmnpY3C/p2V5gs4XdRAAW1S\
    lkfTV2o1/TL1YkC948yw+x4G9BrQSAGfaVVRqccD96J2OQKBgQDxhyGhWPRSydpkVwM4gQOiLlixTcA5cchUBZWFaTYo2bfmzDyg\
    EuDtNN4vDBMweZde5dJA3rxxLXR54qHBvCY1dkpFZJDpwj9Kw9QjsXQZv0KFV2O+qwANRQjFl1Y+2mWJWwCoMmK4HXctMp3hcpO2\
    nMGKaqFGOXqfA+YQzOAp/QKBgQDi01qGkibMxMm9YxxShKn1tCC1U9s/6JZYDgILn8SboTCsEKEuQAcVFPNpfWqrigOqIfVnIW4/\
    LI7/mR+d5NGx6Z1jsfRCxftNtVN8J/U/xvVYfUvHLzHNsR0BBHybgQeIO5pFb4GRQd/nnAWy0WIIf2Wa5qllNFeulCu+ebTuowKB\
    gD36D/4oJmHMHDddQJ1SNc17GRU+P1I+SUqOOEUIr3YiEBewVuo4jfEwfMcT0STCPr6COMaeoTplkJrqNdnR3vgfB4Xw/WKOjtEv\
    mRMjqQgmVPqEZzr5BEVjbpHNeLseLanmaS+/5icaoIc/ktXUIeVdKijLneC4RSfixzmOaQM9AoGAGmd6GUI4LAwYY+h+qohw9H40\
    dIc/dZAQuE1hJZNCos8/yDfjW2vupyCaOUR1P2TAinSLiabVm5sHRm+/w3SYiHpmbO2RPpinaWNbRY+tN/BkLRng0V4IESa19qFc\
    FAoQI2a0zbJuRceCVgbOjwNawxx5am/BdluCfXsYIIMwcbsCgYAmqPTV+wkT62jatsmKSvfwhI6X+aHIR4vzjTFqVFFdqqIAJyOw\
    k/ubFg1VzMZAMLRfHuRQkcnaz09VapU7HoKKM2BoWqedBz+xn7PGN8nCCL2NU1t4nMsruXqDl40EODqLHu0c9I8AF5jqdCdi05SY\
    wHH6kYYihYXlmvzrNRR9fw==
    """
  static let bits1024 = """
    MIICeQIBADANBgkqhkiG9w0BAQEFAASCAmMwggJfAgEAAoGBAObTJNig5KBowOpXsqwRqz0Mxl4JN0D4HvFsFMl2xrg5wW33hGcf\
    8Bap17SayPyAxpDK3X0Clw35buShBA+BBN4x4DAjWygDpeRFJfzDBo8n+V08mwLH39UdGrcgHF0TVHhdsenly3OFuzx4O54venuX\
    XusbGDzAqmLgXTm+Z04XAgMBAAECgYEA5P5JyqPrzPu/j30LY8tvn3RiA36PE2RUhlwcTzYHtVKPBEKPVyOHM2Sx+5mnlWFIHPM1\
    QsTkCNgRXL4k4iC0Krzp9FIOyRbddY4jQvM37f1hoNydayIQGGg2sq0lkQK0cu+tiMBjEBymXGCy1PyNmqE3iMq+zQBd5uskz1t1\
    wCECQQD0VtGeFDIJQ6NDgp1qKc2CoUIHatr+Dfn3RVeZ3z7ohPGk11OAKT7BGufrBR/0dkh1Lt725EU577xnVlh56a7HAkEA8dc3\
    G1wfvGQGLMT/beyTgn/Yh8RKXG3a8RtfjHF0HMefDg7a7qgvZAL8iLYoXY2gkDf0KU65Bdh0nOXf2lpWMQJBAMEw7CibOzzL+Ajm\
    +2P3jYCd1EFdIa4CiwQSFcOaGnlqtE1r25/X/MBeb8UJlkyKQZw15SE9N+cpQMRMJ0Stmf0CQQDlV5k04wpdl+WbMz6gOggxa5gm\
    OGnkeXF10OWtxDG+0TfvFvtb9Dbs+0ANTeG9xn+MBOQRAEzKVFlSKVU+NwkhAkEAjT1Mb9FB6GUM1fAXSopjiALEGmF3D3xzALpy\
    Xjf5mxVjqVDlNSHSPXdQjyi0Jc5VD2O+wqQ4p7WPFfeXEBtEmA==
    """
}
