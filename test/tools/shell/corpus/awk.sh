awk '{print $1}' mixed.txt

awk -F, '{print $2}' people.csv

awk -F, 'NR>1 {s+=$3} END {print s}' people.csv

awk '{print NR": "$0}' words.txt

awk 'END {print NR}' words.txt

awk '{print NF}' mixed.txt

awk '{print $NF}' mixed.txt

awk '/an/' words.txt

awk '!/an/' words.txt

awk 'NR==2' words.txt

awk 'NR>=2 && NR<=3' words.txt

awk 'length > 5' words.txt

awk '{print length($0)}' words.txt

awk '{print toupper($0)}' words.txt

awk '{print substr($0, 2, 3)}' words.txt

awk '{gsub(/a/, "X"); print}' words.txt

awk '{n = gsub(/a/, "&&"); print n, $0}' words.txt

awk '{sub(/a/, "X"); print}' words.txt

awk '{print index($0, "an")}' words.txt

awk 'BEGIN {printf "%05.2f|%5s|%-5s|%d\n", 3.14159, "a", "b", 7.9}'

awk 'BEGIN {printf "%.3f %e %g\n", 1/3, 12345.678, 0.00001}'

awk 'BEGIN {printf "%x %o %c %c\n", 255, 8, 65, "hello"}'

awk 'BEGIN {printf "%5.1f%%\n", 45.678}'

awk 'BEGIN {printf "%+d % d %05d %-6d|\n", 5, 5, 42, 42}'

awk 'BEGIN {printf "%s %s\n", "a", "b"; printf "%10.3s|\n", "abcdef"}'

awk 'BEGIN {print int(3.9), int(-3.9), sqrt(16), exp(0), log(1)}'

awk '{a[$1]++} END {for (k in a) print k, a[k]}' dupes.txt | sort

awk '{a[NR]=$0} END {for (i=NR; i>0; i--) print a[i]}' words.txt

awk '!seen[$0]++' dupes.txt

awk -v x=5 'BEGIN {print x * 2}'

awk -v name="a b" 'BEGIN {print name}'

awk 'BEGIN {while (i < 3) print i++}'

awk 'BEGIN {do {print i++} while (i < 2)}'

awk 'BEGIN {for (i=0; i<5; i++) {if (i==2) continue; if (i==4) break; print i}}'

awk '{split($0, p, ","); print p[2]}' people.csv

awk 'BEGIN {n = split("a:b:c", p, ":"); print n, p[1], p[3]}'

awk 'BEGIN {n = split("abc", p, ""); print n, p[2]}'

awk 'BEGIN {OFS="-"} {$1=$1; print}' mixed.txt

awk -F, -v OFS='\t' '{print $1, $2}' people.csv

awk 'BEGIN {FS=","} {print $1}' people.csv

awk -F'[,:]' '{print $2}' <<< 'a,b:c'

awk -F '\t' '{print $2}' tabs.txt

awk -F'|' '{print $2}' <<< 'a|b|c'

awk 'function f(x) {return x * 2} BEGIN {print f(21)}'

awk 'function fac(n) {return n <= 1 ? 1 : n * fac(n-1)} BEGIN {print fac(10)}'

awk '{print > "out.txt"} END {close("out.txt")}' words.txt; cat out.txt

awk '{print $0 >> "out.txt"}' words.txt; wc -l < out.txt

awk '{print | "sort -r"}' words.txt

awk 'BEGIN {while ((getline line < "words.txt") > 0) print "got", line}'

awk 'BEGIN {"echo hi" | getline x; print x}'

awk 'NR==1 {getline; print}' words.txt

awk 'BEGIN {RS=""} {print NR, $1}' paragraphs.txt

awk 'BEGIN {RS=";"} {print}' <<< 'a;b;c'

awk 'BEGIN {ORS=" "} {print}' words.txt

awk 'NR==FNR {a[$1]=$2; next} $1 in a {print $0, a[$1]}' left.txt right.txt

awk 'FNR==1 {print FILENAME}' words.txt numbers.txt

awk '/start/,/end/' <<< $'a\nstart\nb\nend\nc'

awk '$3 > 30' FS=, people.csv

awk -F, '$2 == "paris"' people.csv

awk -F, '$1 ~ /^a/' people.csv

awk -F, '$1 !~ /^a/ {print $1}' people.csv

awk 'BEGIN {print "a" "b" 1 + 2 "c"}'

awk 'BEGIN {print match("foobar", /o+/), RSTART, RLENGTH}'

awk 'BEGIN {x["a"]=1; delete x["a"]; print length(x)}'

awk 'BEGIN {if (!("k" in x)) print "no"}'

awk 'BEGIN {a[1,2]=3; for (k in a) {split(k, p, SUBSEP); print p[1], p[2]}}'

awk '{$2=""; print}' mixed.txt

awk '{$5="x"; print}' mixed.txt

awk '{NF=1; print}' mixed.txt

awk 'BEGIN {print ENVIRON["V"]}'

V=7 awk 'BEGIN {print ENVIRON["V"]}'

awk 'BEGIN {print ARGC, ARGV[1]}' x

awk 'BEGIN {exit 3}'; echo $?

awk '{exit} END {print "end"}' words.txt

awk '{s += $1} END {print s, s/NR}' numbers.txt

awk 'NR==1 || $1 > m {m = $1} END {print m}' numbers.txt

awk '{print ($1 > 5) ? "big" : "small"}' numbers.txt

awk '{c += length($0) + 1} END {print c}' words.txt

awk 'BEGIN {printf "a\tb\n"}'

awk "BEGIN {print \"it's\"}"

awk 'BEGIN {s = sprintf("%03d", 7); print s}'

awk 'BEGIN { print tolower("ABC") }'

awk 'NF' gaps.txt

awk 'NR%2' words.txt

awk '{print $(NF-1)}' mixed.txt

awk '{for (i=NF; i>0; i--) printf "%s ", $i; print ""}' mixed.txt

awk -f prog.awk words.txt

printf 'BEGIN { print "from file" }\n{ print $1 }\n' > p.awk; awk -f p.awk numbers.txt

awk 'BEGIN { "date +%Y" | getline y; print (y > 2000) }'

awk 'BEGIN { print substr("hello", 2) }'

awk 'BEGIN { print -3 ^ 2, !0, !1 }'

awk 'BEGIN { print 1 == 1.0, "a" < "b", 10 < 9, "10" < "9" }'

awk '{ print $1 + 0 }' <<< '12abc'

awk 'BEGIN { system("echo from system") }'

awk 'BEGIN { printf "%d items\n", "3 apples" }'

awk 'BEGIN { print toupper(substr("abc", 1, 1)) substr("abc", 2) }'

awk '{ t = $1; $1 = $2; $2 = t; print }' mixed.txt

awk 'BEGIN { print index("abc", "z"), length() }'

awk 'BEGIN { print 1,2 > "/dev/stderr" }' 2>&1

awk -F, 'NR==1 {for (i=1;i<=NF;i++) h[$i]=i; next} {print $h["city"]}' people.csv

awk 'BEGIN { CONVFMT="%.2g"; a = 3.14159; b = a ""; print b }'

awk 'BEGIN { OFMT="%.2f"; print 3.14159 }'

awk -F, 'NR>1 {s[$2]+=$3; n[$2]++} END {for (c in s) printf "%s %.1f\n", c, s[c]/n[c]}' people.csv | sort

awk '{ printf "%-10s %3d\n", $1, length($1) }' words.txt

awk 'BEGIN { print substr("x", 2) "|" }'

awk 'BEGIN { while (("ls dir" | getline f) > 0) n++; print n }'

awk 'BEGIN { printf "%c", 10; printf "%5c|\n", "x" }'

awk 'BEGIN { regex = "^b"; if ("banana" ~ regex) print "yes" }'

awk '/b/ && /n/ { print } /c/ || /d/ { print "-" $0 }' words.txt

awk '{ gsub(/[aeiou]/, "<&>"); print }' words.txt

awk '{ gsub("\\.", ","); print }' <<< 1.2.3

awk 'BEGIN { s = "aaa"; print gsub(/x*/, "-", s), s }'

awk 'BEGIN{x="A";gsub(/A/,"\\&",x);print x}'

awk '{ print; next; print "never" }' numbers.txt

awk 'BEGIN { srand(1); x = rand(); print (x >= 0 && x < 1) }'

awk 'BEGIN { a = "10"; b = 9; print (a > b), (a "" > b "") }'
