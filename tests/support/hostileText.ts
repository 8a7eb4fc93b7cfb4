/** A text that would end the style, the script or the picture it stands in, were it not escaped. */
export const hostileText = `</style></script></pre><script>alert("x")</script><img src=x onerror='y'>&`;
