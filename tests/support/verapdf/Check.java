// veraPDF's own validator over some files, for PDF/A-3b: one line for each file, "pass PATH" or
// "fail PATH" with the rules that are broken. The profile is read here, because the jar that
// veraPDF comes in holds no runtime for the XML binding it uses itself.

import java.io.FileInputStream;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;
import javax.xml.parsers.DocumentBuilderFactory;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.ValidationResult;
import org.verapdf.pdfa.validation.profiles.ErrorArgument;
import org.verapdf.pdfa.validation.profiles.Profiles;
import org.verapdf.pdfa.validation.profiles.Reference;
import org.verapdf.pdfa.validation.profiles.Rule;
import org.verapdf.pdfa.validation.profiles.RuleId;
import org.verapdf.pdfa.validation.profiles.ValidationProfile;
import org.verapdf.pdfa.validation.profiles.Variable;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;

public class Check {
    private static final String PROFILE = "/org/verapdf/pdfa/validation/PDFA-3B.xml";

    public static void main(String[] paths) throws Exception {
        Logger.getLogger("").setLevel(Level.OFF);
        VeraGreenfieldFoundryProvider.initialise();
        ValidationProfile profile = profile();
        for (String path : paths) {
            System.out.println(verdict(path, profile));
        }
    }

    private static String verdict(String path, ValidationProfile profile) {
        try (InputStream file = new FileInputStream(path);
                PDFAParser parser =
                        Foundries.defaultInstance().createParser(file, PDFAFlavour.PDFA_3_B);
                PDFAValidator validator =
                        Foundries.defaultInstance().createValidator(profile, false)) {
            ValidationResult result = validator.validate(parser);
            if (result.isCompliant()) {
                return "pass " + path;
            }
            StringBuilder broken = new StringBuilder("fail " + path);
            for (Map.Entry<RuleId, Integer> rule : result.getFailedChecks().entrySet()) {
                RuleId id = rule.getKey();
                broken.append(" ").append(id.getClause()).append("-").append(id.getTestNumber());
            }
            return broken.toString();
        } catch (Exception error) {
            return "fail " + path + " " + error.getClass().getSimpleName();
        }
    }

    private static ValidationProfile profile() throws Exception {
        Element root;
        try (InputStream xml = Check.class.getResourceAsStream(PROFILE)) {
            root = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(xml)
                    .getDocumentElement();
        }
        Set<Rule> rules = new LinkedHashSet<>();
        for (Element rule : children(child(root, "rules"), "rule")) {
            rules.add(rule(rule));
        }
        Set<Variable> variables = new LinkedHashSet<>();
        for (Element each : children(child(root, "variables"), "variable")) {
            variables.add(Profiles.variableFromValues(each.getAttribute("name"),
                    each.getAttribute("object"), text(each, "defaultValue"), text(each, "value")));
        }
        if (rules.size() < 100) {
            throw new IllegalStateException("the profile has only " + rules.size() + " rules");
        }
        return Profiles.profileFromValues(PDFAFlavour.PDFA_3_B,
                Profiles.profileDetailsFromValues("PDF/A-3b", "ISO 19005-3", "veraPDF", new java.util.Date(0)), "",
                rules, variables);
    }

    private static Rule rule(Element rule) {
        Element id = child(rule, "id");
        RuleId known = Profiles.ruleIdFromValues(
                PDFAFlavour.Specification.valueOf(id.getAttribute("specification")),
                id.getAttribute("clause"), Integer.parseInt(id.getAttribute("testNumber")));
        String deferred = rule.getAttribute("deferred");
        return Profiles.ruleFromValues(known, rule.getAttribute("object"),
                deferred.isEmpty() ? null : Boolean.valueOf(deferred), rule.getAttribute("tags"),
                text(rule, "description"), text(rule, "test"),
                Profiles.errorFromValues("broken", new ArrayList<ErrorArgument>()),
                new ArrayList<Reference>());
    }

    private static String text(Element parent, String name) {
        return child(parent, name).getTextContent();
    }

    private static Element child(Element parent, String name) {
        return children(parent, name).get(0);
    }

    private static List<Element> children(Element parent, String name) {
        List<Element> found = new ArrayList<>();
        NodeList all = parent.getChildNodes();
        for (int number = 0; number < all.getLength(); number++) {
            Node node = all.item(number);
            if (node instanceof Element && node.getNodeName().equals(name)) {
                found.add((Element) node);
            }
        }
        return found;
    }
}
