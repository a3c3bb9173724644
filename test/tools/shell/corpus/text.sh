head -n 3 words.txt

head -3 words.txt

head -n -2 words.txt

head -c 10 words.txt

head -c -10 words.txt

head words.txt people.csv

head -q -n 1 words.txt people.csv

head -n 2 < words.txt

tail -n 3 words.txt

tail -3 words.txt

tail -n +3 words.txt

tail -c 8 words.txt

tail -c +8 words.txt

tail -n 1 words.txt people.csv

cat -n words.txt

cat -b gaps.txt

cat -A tabs.txt

cat -s gaps.txt

cat -E words.txt | head -2

cat words.txt - people.csv < tabs.txt

cat nowhere.txt; echo $?

tac words.txt

rev words.txt

nl words.txt

nl -ba gaps.txt

nl -w3 -s': ' words.txt

nl -b a -n rz -w 4 gaps.txt

wc words.txt

wc -l words.txt people.csv

wc -w < words.txt

wc -c words.txt

wc -m unicode.txt

wc -L words.txt

cat words.txt | wc

wc -l < words.txt | tr -d ' '

cut -d, -f2 people.csv

cut -d, -f1,3 people.csv

cut -d, -f2- people.csv

cut -d, -f-2 people.csv

cut -c1-3 words.txt

cut -c 2,4 words.txt

cut -b 1-2 words.txt

cut -d: -f1 --output-delimiter=- <<< 'a:b:c'

cut -d, -f1,3 --output-delimiter=' | ' people.csv

cut -d' ' -s -f2 mixed.txt

cut --complement -d, -f2 people.csv

paste words.txt numbers.txt

paste -d, words.txt numbers.txt

paste -s words.txt

paste -sd, words.txt

paste -s -d+ numbers.txt

paste - - < numbers.txt

paste -d'\n' words.txt numbers.txt | head -4

seq 6 | paste -d' ' - - -

join left.txt right.txt

join -a1 left.txt right.txt

join -v2 left.txt right.txt

join -t, -1 1 -2 2 <(sort people.csv) <(printf '1,ann\n2,bob\n')

join -o 1.1,2.2 left.txt right.txt

join -a1 -a2 -e NONE -o 0,1.2,2.2 left.txt right.txt

sort words.txt

sort -r words.txt

sort -n numbers.txt

sort -rn numbers.txt

sort -u dupes.txt

sort -f mixed-case.txt

sort -fu mixed-case.txt

sort -t, -k2 people.csv

sort -t, -k3n people.csv

sort -t, -k3,3nr -k1,1 people.csv

sort -t, -k 2,2 -s people.csv

sort -k2 -n mixed.txt

sort -h sizes.txt

sort -V versions.txt

sort -M <<< $'Mar\nJan\nDec'

sort -c words.txt; echo $?

sort -c <(sort words.txt); echo $?

sort -o out.txt words.txt; cat out.txt

sort -b -k2,2 mixed.txt

sort -d dupes.txt

sort -z <<< 'b' | tr '\0' '\n'

sort words.txt numbers.txt

sort -m <(seq 1 2 9) <(seq 2 2 9) | head -20

sort -n -k1.2 <<< $'a10\na9\na100'

sort -g <<< $'1e3\n2\n1.5e1'

uniq dupes.txt

uniq -c dupes.txt

uniq -d dupes.txt

uniq -u dupes.txt

uniq -i mixed-case.txt

uniq -D dupes.txt

uniq -f1 mixed.txt

uniq -s1 <<< $'aX\nbX\ncY'

uniq -w1 <<< $'ab\nac\nbc'

sort dupes.txt | uniq -c | sort -rn

sort dupes.txt | uniq -c | sort -rn | head -1 | awk '{print $2}'

tr a-z A-Z < words.txt

tr -d aeiou < words.txt

tr -s ' ' < spaces.txt

tr ' ' '\n' < mixed.txt

tr -cd '[:alpha:]\n' < people.csv

tr '[:lower:]' '[:upper:]' < words.txt

tr -c '[:alnum:]' '_' <<< 'a b-c'

tr -dc 0-9 <<< 'a1b22c'

tr 'abc' 'x' <<< 'aabbcc'

tr -s '\n' < gaps.txt

tr '\t' ' ' < tabs.txt

tr -d '\r' < dos.txt

tr 'a-c' 'A-C' <<< abcdef

tr -s a-z <<< aabbccdd

tr '[a-z]' '[n-za-m]' <<< hello

fold -w 10 prose.txt

fold -s -w 20 prose.txt

fmt -w 30 prose.txt

expand tabs.txt

expand -t 4 tabs.txt

unexpand -a <<< '        a       b'

column -t -s, people.csv

comm <(sort words.txt) <(sort dupes.txt)

comm -12 <(sort words.txt) <(sort dupes.txt)

comm -23 <(sort words.txt) <(sort dupes.txt)

comm -3 <(printf 'a\nb\n') <(printf 'b\nc\n')

split -l 2 words.txt part_; ls part_*; cat part_aa

split -b 10 words.txt; ls x*

split -n 2 words.txt p; wc -c pa*

split -l 3 -d words.txt n; ls n*

split -l 3 --additional-suffix=.txt words.txt s_; ls s_*

tee copy.txt < words.txt > /dev/null; cat copy.txt

echo more | tee -a words.txt; tail -1 words.txt

strings bytes.bin

od -c words.txt | head -2

od -An -tx1 bytes.bin

od -tx1 bytes.bin

od -An -c <<< hi

od -An -tu1 <<< AB

od -A x -t x1 <<< hello

od -An -td2 <<< abcd

xxd bytes.bin

xxd -p bytes.bin

echo 68690a | xxd -r -p

base64 words.txt

base64 -w 20 words.txt

base64 -w0 words.txt

echo aGVsbG8K | base64 -d

md5sum words.txt

md5sum words.txt numbers.txt

sha1sum words.txt

sha256sum < words.txt

sha256sum words.txt > sums; sha256sum -c sums

cksum words.txt

seq 5

seq 2 5

seq 1 2 9

seq 5 -1 1

seq -w 8 11

seq -s, 5

seq 0 0.5 2

seq -f 'n%03g' 3

shuf -n 3 numbers.txt | wc -l

yes | head -3

yes no | head -n 2

factor 12

expr 3 + 4

expr 3 \* 4

expr length hello

expr substr hello 2 3

expr hello : 'h\(.*\)o'

expr index hello l

expr 5 \> 3

expr 7 % 3; expr 7 / 2

expr 0; echo $?

basename a/b/c.txt

basename a/b/c.txt .txt

basename -s .txt a.txt b.txt

basename -a a/b c/d

dirname a/b/c.txt

dirname c.txt /a

printf '%s\n' a b c

printf '%5d|%-5d|%05d\n' 42 42 42

printf '%.2f %5.1f %05.2f\n' 3.14159 2.5 3.14159

printf '%x %X %o %c\n' 255 255 8 hello

printf '%s %s\n' a b c d e

printf '%q\n' "a b'c"

printf '%b' 'a\tb\n'

printf '%%|%10s|%-10s|\n' right left

printf '\x41\101\n'

printf '%*d\n' 6 42

printf '%e %g\n' 12345.678 0.0001234

printf '%s\n' "${x:-none}"

printf '%d\n' 0x1f 010 "'A"

printf '%+d % d\n' 5 5

printf '%.3s|\n' abcdef

printf -v v '%03d' 7; echo "$v"

echo -e 'a\tb\nc'

echo -n abc; echo def

echo -E 'a\tb'

echo "a   b" c

numfmt --to=iec 2048

bc <<< '2 + 3 * 4'

echo 'scale=3; 10 / 3' | bc

diff words.txt dupes.txt

diff -u words.txt copy2.txt | tail -n +3

diff -q words.txt copy2.txt; echo $?

diff words.txt words.txt; echo $?

diff -r dir dir2; echo $?

diff -w spaces.txt spaces2.txt; echo $?

diff -y -W 40 left.txt right.txt | head -3

diff <(echo a) <(echo b)

diff -c left.txt right.txt | tail -n +3

diff -i <(echo A) <(echo a); echo $?

diff -B gaps.txt <(grep . gaps.txt); echo $?

diff --brief left.txt right.txt

cmp left.txt right.txt; echo $?

cmp -s words.txt words.txt; echo $?

patch --version > /dev/null; echo $?
